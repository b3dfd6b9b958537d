"""Runs one program and tells its seconds and peak memory: `run_child` here, a small launcher in between.

A process starts with the memory peak of the one it was forked from (Linux keeps ru_maxrss across exec), and the
benchmark is large by then. So a small interpreter starts the program; this file is that launcher too, and imports
only what it needs.
"""

import os
import sys
import time
from collections import namedtuple

ChildRun = namedtuple("ChildRun", ["output", "seconds", "peak_mb"])  # text, start to exit, resident MB at the most


def run_child(command: list[str], environment: dict[str, str]) -> ChildRun:
    """Run a program to its end; RuntimeError with what it said when it fails."""
    import subprocess
    import tempfile

    with tempfile.NamedTemporaryFile("r") as told:
        launcher = [sys.executable, "-S", "-E", __file__, told.name, *command]
        done = subprocess.run(launcher, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{command[0]} exited with {done.returncode}: {done.stderr}")
        seconds, peak = map(float, told.read().split())
    return ChildRun(done.stdout, seconds, peak)


def launch(told: str, command: list[str]) -> int:
    """Run the command and write its seconds and peak MB into the file `told`; gives its exit status."""
    started = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    unit = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss: bytes there, kilobytes elsewhere
    with open(told, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(f"{seconds} {usage.ru_maxrss / unit}")
    return os.waitstatus_to_exitcode(status) % 256


if __name__ == "__main__":
    sys.exit(launch(sys.argv[1], sys.argv[2:]))
