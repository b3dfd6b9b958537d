"""Where the trained weights that come with Deskside lie; without them the desk still searches and quotes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[1] / "data" / "model"
INSTALLED = Path(sys.prefix) / "share" / "deskside" / "model"  # where pip lays them
AIM = "aim.json"
BEARING = "bearing.npz"


def shipped_folder() -> Path | None:
    """The folder of the shipped weights (agent.vlm.shipped), None where this copy of Deskside has none."""
    return next((folder for folder in (SHIPPED, INSTALLED) if (folder / "manifest.json").is_file()), None)


def weights_id(folder: Path) -> str:
    """Eight letters that change whenever a weight does; for the record of each answer."""
    import hashlib

    files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    sums = "".join(str(files[name]["sha256"]) for name in sorted(files) if name.endswith(".safetensors"))
    return hashlib.sha256(sums.encode()).hexdigest()[:8]
