"""The columns of a CSV file settled with the person who imports it: known, guessed and shown, confirmed, kept."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.options import note
from index.errors import UserError

if TYPE_CHECKING:
    from index.formats import Format, ReadOptions
    from index.formats.guess import Guess, Table
    from index.store import Store


@dataclass
class Columns:
    """Settles the options for each CSV file of one import; `keep` stores what was given or confirmed."""

    store: Store
    workspace: str
    guessing: bool
    _settled: list[tuple[tuple[str, ...], ReadOptions]] = field(default_factory=list)

    def settle(self, path: Path, made: Format, options: ReadOptions) -> ReadOptions:
        """The options completed by what is kept for such headers, or by a guess that a person confirms.

        Raises UserError SCHEMA where columns are missing and nobody confirms the guess.
        """
        if made.name != "csv" or not path.is_file():
            return options
        from index.formats.guess import guess_columns, read_table, with_guess
        from index.mapping import load_mapping

        table = read_table(path, options)
        given = bool(options.columns or options.delimiter or options.role_map)
        kept = load_mapping(self.store, self.workspace, table.headers, options)
        if kept is not None:
            note(f"{path.name}: columns as kept for such files ({_said(kept.columns)})")
            options = kept
        if (missing := self._missing(path, table, options)) is not None:
            guess = guess_columns(path, table, options)
            if guess is None:
                raise missing
            self._confirm(path, guess, missing)
            options, given = with_guess(options, guess.columns, guess.delimiter), True
        if given:
            self._settled.append((table.headers, options))
        return options

    def _missing(self, path: Path, table: Table, options: ReadOptions) -> UserError | None:
        """What keeps the file from being read as it stands, None when nothing does."""
        from index.formats.columns import find_columns
        from index.formats.csvfile import delimiter_of, read_csv

        delimiter = delimiter_of(path, options)
        try:
            if delimiter != table.delimiter:
                next(read_csv(path, options), None)  # says what it finds when it is cut there
            find_columns(path, list(table.headers), delimiter, options.columns, 1)
        except UserError as error:
            return error
        return None

    def _confirm(self, path: Path, guess: Guess, missing: UserError) -> None:
        """Show the guess, and have it confirmed. Raises UserError SCHEMA when it is not."""
        if not self.guessing and not sys.stdin.isatty():
            first = missing.message.splitlines()[0]
            raise UserError(f"{first}\nGuessed (take it with --guess): {guess.as_flags()}", "SCHEMA", line=missing.line)
        rows = {"messages": "a message", "tickets": "a ticket", "articles": "an article"}[guess.shape]
        note(f"{path.name}: each row seems to be {rows}, cut at {guess.delimiter!r}")
        for ours, theirs in guess.columns.items():
            note(f"  {ours:<14} {theirs:<24} e.g. {guess.examples[ours]}")
        if not self.guessing and not click.confirm("Read it so?", default=True, err=True):
            raise UserError(f"{path.name} was not imported.\nSay it yourself: {guess.as_flags()}", "SCHEMA")

    def keep(self) -> None:
        """Remember, now that the files were imported, how they were read."""
        from index.mapping import save_mapping

        for headers, options in self._settled:
            save_mapping(self.store, self.workspace, headers, options)


def _said(columns: object) -> str:
    return ", ".join(f"{ours}={theirs}" for ours, theirs in dict(columns).items())  # type: ignore[call-overload]
