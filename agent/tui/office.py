"""What the window and the plain lines show and write besides conversations: settings, gaps, drafts of articles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.gaps import Gap
    from agent.settings import Setting
    from agent.workshop import Workshop


@dataclass(frozen=True)
class Office:
    """`find_gaps` is slow the first time; None where there is nothing to look through. `workshop` is where versions
    are made, `theme_file` where the chosen colours are kept."""

    settings: Sequence[Setting] = ()
    find_gaps: Callable[[], list[Gap]] | None = None
    drafts: Path = Path("drafts")
    workshop: Workshop | None = None
    theme_file: Path | None = None
