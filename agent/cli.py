"""The command `deskside`: finds the command, shows trouble on stderr and sets the exit code."""

from __future__ import annotations

import importlib
import io
import os
import sys

import click
from click.exceptions import NoArgsIsHelpError

from index.clean import clean
from index.errors import UserError

# name -> (file, function, one line of help); a file is imported only when its command runs.
COMMANDS = {
    "chat": ("agent.commands.chatting", "chat", "Open the window, or --plain lines, and work with the desk."),
    "serve": ("agent.commands.serving", "serve", "The same window in a browser, on this machine."),
    "ask": ("agent.commands.asking", "ask", "Ask one question, or a file of them, and print the answer."),
    "search": ("agent.commands.searching", "search", "Find past tickets and articles."),
    "import": ("agent.commands.importing", "import_", "Put tickets, articles and their screenshots on the shelf."),
    "templates": ("agent.commands.templating", "templates", "Approved replies: import, list, remove."),
    "index": ("agent.commands.indexing", "index", "Build, verify or describe the search index."),
    "handovers": ("agent.commands.handing", "handovers", "Questions that wait for a person."),
    "export": ("agent.commands.exporting", "export", "Write conversations or ratings as the import format."),
    "finetune": ("finetune.commands", "finetune", "Train the models on your own material."),
    "learn": ("finetune.learn_commands", "learn", "Make the next version from what was solved, and compare it."),
    "versions": ("agent.commands.versioning", "versions", "The versions of the models, and which one is in use."),
    "promote": ("agent.commands.versioning", "promote", "Put a version in use."),
    "rollback": ("agent.commands.versioning", "rollback", "Put the version before back in use."),
    "diff": ("agent.commands.versioning", "diff", "What differs between two versions."),
    "backup": ("agent.commands.keeping", "backup", "Copy store, pictures and settings into one file."),
    "restore": ("agent.commands.keeping", "restore", "Put a backup in place of the store."),
    "undelete": ("agent.commands.keeping", "undelete", "Take back what an import deleted."),
    "forget": ("agent.commands.keeping", "forget", "Remove everything of one customer."),
    "doctor": ("agent.commands.keeping", "doctor", "Check versions, store, index, models and disk."),
}


class Commands(click.Group):
    """A group whose commands are imported when they are needed, so that --help answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, from its file."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands from the table, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry[2]) for name, entry in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="deskside", message="deskside %(version)s")
def deskside() -> None:
    """Answers support questions from your own solved tickets, with a citation.

    Start with: deskside import TICKETS.jsonl, then: deskside chat
    """


def main() -> None:
    """Run a command; every UserError becomes its message and its exit code (sysexits.h)."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a letter shows "?"
    try:
        deskside(standalone_mode=False)
    except UserError as error:
        click.echo(f"deskside: {clean(error.message)}", err=True)
        sys.exit(error.exit_code)
    except NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "deskside"
        told = " ".join(clean(error.format_message()).split())
        click.echo(f"deskside: {told}\nSee: {path} --help", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\ndeskside: stopped; what was acknowledged is kept.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


if __name__ == "__main__":
    main()
