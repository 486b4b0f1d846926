"""The layout of ImageNet-C and ImageNet-P: a tree with one file per photograph and condition.

-C: ``<corruption>/<severity>/<class>/<name>.JPEG``; -P: ``<sequence>/<class>/<name>.mp4``.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from corruptions import families, frame_count
from robench.datasets.video_file import require_video
from robench.folder_lock import locked
from robench.generation.disk_space import space_sentence
from robench.generation.generated import Generated
from robench.generation.manifest import manifests_in, open_manifest, shard_name
from robench.generation.order import Order, photographs
from robench.generation.tree_job import Cell, TreeJob, cells
from robench.generation.video_file import is_grainy
from robench.progress import bar
from robench.provenance import now

# Bytes per pixel of the files, for the estimate of the space: measured on a hundred of ImageNet's validation images at
# 224 pixels and all severities, with half a block of the disk for each file.
BYTES_PER_PIXEL = {"noise": 0.62, "blur": 0.18, "weather": 0.31, "digital": 0.21, "bar": 0.45}
BYTES_PER_FRAME_PIXEL = {"noise": 0.35, "other": 0.1}  # of a video, on six of them
LOSSLESS_BYTES_PER_FRAME_PIXEL = {"noise": 2.2, "other": 0.8}


def generate_tree(
    order: Order,
    out: str | Path,
    *,
    workers: int | None = None,
    skip_broken: bool = False,
    lossless: bool = False,
    command: Sequence[str] = (),
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Generated:
    """Write the tree of an order into a folder.

    Files that an earlier run finished are kept, so a run that was stopped in any way goes on where it was.

    Args:
        order: what to generate, of a folder of photographs; its shard takes a range of them.
        out: the folder, new or one that robench generated with the same source, preset and seed.
        workers: how many threads to use; as many as there are cores when None.
        skip_broken: leave out photographs that cannot be decoded, and name them in the manifest.
        lossless: of videos, keep every pixel.
        command: the command line, to be recorded.
        progress: show a bar with the time left on stderr.
        say: is given the space that will be needed.

    Raises:
        RobenchError: when the folder cannot be written, holds something else, the disk has no room, or a photograph
            is broken and ``skip_broken`` is not set.
    """
    if order.sequences:
        require_video("writing videos")
    layout = "jpeg" if not order.sequences else "mp4-lossless" if lossless else "mp4"
    with locked(out, shard_name(order)):
        resumed = bool(manifests_in(Path(out)))
        job = TreeJob(order, Path(out), photographs(order), skip_broken, lossless, resumed)
        manifest = open_manifest(job.out, order, layout, command)
        say(space_sentence(job.out, estimated_bytes(job), exact=False))
        total = len(cells(order)) * len(job.places)
        with bar(total, unit="file", shown=progress, unit_scale=True) as shown:
            made = sum(job.run(workers, shown.update))
        manifest.content.update(skipped=sorted(job.skipped), finished=now())
        manifest.write()
    left_out = len(job.skipped) * len(cells(order))
    return Generated(made, total - made - left_out, tuple(sorted(job.skipped)))


def estimated_bytes(job: TreeJob) -> float:
    """Return about how much is still to be written, going by which groups have their tables."""
    per_photograph = sum(_bytes_per_pixel(cell, job) for cell in cells(job.order))
    return job.share_missing() * len(job.places) * job.source.framing.side_px**2 * per_photograph


def _bytes_per_pixel(cell: Cell, job: TreeJob) -> float:
    if cell.severity:
        return BYTES_PER_PIXEL[families()[cell.name]]
    table = LOSSLESS_BYTES_PER_FRAME_PIXEL if job.lossless else BYTES_PER_FRAME_PIXEL
    per_frame = table["noise" if is_grainy(cell.name) else "other"]
    return per_frame * frame_count(cell.name, preset=job.order.preset)
