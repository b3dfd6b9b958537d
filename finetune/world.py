"""One process or several that train one model: who I am among them, sums over all, one opinion for all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class World:
    """The processes of a run. With one process every sum is what it was."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank = rank
        self.size = size

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and tells."""
        return self.rank == 0

    def add_up(self, tensors: Sequence[torch.Tensor]) -> None:
        """Each tensor becomes its sum over all processes (one message for all of them)."""
        if self.size == 1 or not tensors:
            return
        import torch
        from torch import distributed

        flat = torch.cat([tensor.detach().reshape(-1).float() for tensor in tensors])
        if distributed.get_backend() == "nccl":
            flat = flat.cuda()
        distributed.all_reduce(flat)
        for tensor, part in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(part.view_as(tensor))

    def agreed(self, values: Sequence[float]) -> list[float]:
        """The values of the first process, in all of them."""
        if self.size == 1:
            return list(values)
        import torch
        from torch import distributed

        told = torch.tensor(values, dtype=torch.float64)
        if distributed.get_backend() == "nccl":
            told = told.cuda()
        distributed.broadcast(told, src=0)
        return told.tolist()

    def close(self) -> None:
        """Leave the others."""
        if self.size > 1:
            from torch import distributed

            distributed.destroy_process_group()


def join_world(rank: int = 0, size: int = 1, meeting: Path | None = None) -> World:
    """Meet the other processes: at the file `meeting`, or as torchrun tells in the environment; else alone."""
    if meeting is None and "RANK" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    elif meeting is None or size < 2:
        return World()
    import torch
    from torch import distributed

    graphics = torch.cuda.is_available() and torch.cuda.device_count() >= size
    if graphics:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", rank)))
    distributed.init_process_group(
        "nccl" if graphics else "gloo",
        init_method=f"file://{meeting.resolve()}" if meeting else "env://",
        rank=rank,
        world_size=size,
        timeout=timedelta(minutes=30),
    )
    return World(rank, size)
