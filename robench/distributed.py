"""Several processes of one evaluation: under ``torchrun``, each takes its shard of the chunks.

    torchrun --nproc-per-node 2 -m robench eval ...

No process needs another's results, so nothing is exchanged but the news that all are done. A worker that dies is
restarted by torchrun, or by whoever gives the command again, and finds its finished chunks on the disk.
"""

import os

from robench.shard import WHOLE, Shard


def rank_shard() -> Shard:
    """Return this process's part under torchrun, else the whole."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    return Shard(int(os.environ["RANK"]) + 1, count) if count > 1 else WHOLE


def rank_device() -> str | None:
    """Return this process's own GPU under torchrun where there are GPUs, else None."""
    if rank_shard() == WHOLE:
        return None
    import torch

    if not torch.cuda.is_available():
        return None
    return f"cuda:{int(os.environ['LOCAL_RANK']) % torch.cuda.device_count()}"


def wait_for_all() -> None:
    """Return when every process of this torchrun has come here; at once when there is only one."""
    if rank_shard() == WHOLE:
        return
    import torch.distributed as dist

    dist.init_process_group("gloo")  # for one barrier, which needs no GPU
    dist.barrier()
    dist.destroy_process_group()
