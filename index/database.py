"""sqlite-utils as it is used here: without numpy and pandas, which it looks for at its import for columns of theirs."""

from __future__ import annotations

import sys

# They cost every start more than all the rest of the store, and are not to be found for that moment.
_hidden = [name for name in ("numpy", "pandas") if name not in sys.modules]
for _name in _hidden:
    sys.modules[_name] = None  # type: ignore[assignment]
try:
    from sqlite_utils import Database, Migrations
finally:
    for _name in _hidden:
        sys.modules.pop(_name, None)

__all__ = ["Database", "Migrations"]
