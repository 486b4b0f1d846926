"""``robench generate``: the benchmarks' files from clean images, and fractals to mix images with."""

import contextlib
import sys
from collections.abc import Iterator

import click

from robench.cli.choices import numbers, words
from robench.cli.run_options import data_dir_option, dry_run_option

EXAMPLE = """
\b
Examples:
  robench generate --suite cifar-10-c --data-dir data --out data/CIFAR-10-C
  robench generate --suite cifar-10-p --data-dir data --names gaussian_noise,tilt --out data/CIFAR-10-P
  robench generate --suite imagenet-c --source imagenet/val --out ImageNet-C --shard 3/16
  robench generate --source photographs --preset imagenet --size 224 --severities 1,3,5 --out out
  robench generate fractals --count 10000 --out fractals
"""
FRACTALS_EXAMPLE = """
\b
Examples:
  robench generate fractals --count 10000 --out fractals
  robench generate fractals --count 14000 --size 36 --seed 1 --out small-fractals
  robench train ipmix --mixing-pictures fractals ...
"""


@click.group(name="generate", epilog=EXAMPLE, invoke_without_command=True)
@click.pass_context
@click.option("--out", metavar="DIR", help="Folder to write.  [required]")
@click.option("--suite", help="Benchmark: cifar-10-c, cifar-10-p, imagenet-c, tiny-imagenet-p, ...")
@data_dir_option
@click.option("--source", metavar="DIR", help="Or photographs, in one folder per class.")
@click.option("--preset", help="Of photographs: imagenet, tiny, inception or cifar constants.")
@click.option(
    "--size", type=int, metavar="PX", help="Of photographs.  [default: the preset's, 224 or 64]"
)
@click.option(
    "--corruptions",
    "--names",
    "names",
    metavar="A,B",
    help="Only these corruptions or sequences.  [default: all, with the extra ones]",
)
@click.option("--severities", metavar="1,3", help="Of photographs, only these.")
@click.option(
    "--sequences", is_flag=True, help="With --source: perturbation sequences (-P), as videos."
)
@click.option("--lossless", is_flag=True, help="Of videos, keep every pixel.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--shard", metavar="3/16", help="Only this part; parts share the folder.")
@click.option("--workers", type=int, metavar="N", help="Threads.  [default: as many as cores]")
@click.option("--skip-broken", is_flag=True, help="Leave out photographs that cannot be decoded.")
@dry_run_option
@click.option("--quiet", is_flag=True, help="No progress bar.")
def command(
    context: click.Context,
    out: str | None,
    suite: str | None,
    data_dir: str | None,
    source: str | None,
    preset: str | None,
    size: int | None,
    names: str | None,
    severities: str | None,
    sequences: bool,
    lossless: bool,
    seed: int,
    shard: str | None,
    workers: int | None,
    skip_broken: bool,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Write a corrupted test set in the layout it is published in.

    Known datasets become .npy files as in CIFAR-10-C and -P; folders of photographs become trees
    of JPEG files as ImageNet-C, or of videos as ImageNet-P. Finished files are never made again:
    repeat a command that was stopped, and it goes on. DIR/manifest.json says what was made from
    what, with the digest of every file.
    """
    if context.invoked_subcommand is not None:
        return
    if out is None:
        raise click.UsageError("Missing option '--out'.")
    from robench import generation

    order = generation.order_for(
        suite=suite,
        data_dir=data_dir,
        source=source,
        preset=preset,
        side_px=size,
        sequences=sequences,
        names=words(names),
        seed=seed,
        severities=numbers("--severities", severities),
        shard=generation.Shard.parse(shard) if shard else generation.WHOLE,
    )
    click.echo(f"source: {order.source.description}")
    if dry_run:
        from robench.generation.forecast import forecast_generation

        forecast = forecast_generation(order, out, workers=workers, lossless=lossless)
        click.echo("\n".join(forecast.lines()))
        return
    with _progress_kept():
        done = generation.generate(
            order,
            out,
            workers=workers,
            skip_broken=skip_broken,
            lossless=lossless,
            command=["robench", *sys.argv[1:]],
            progress=not quiet,
            say=lambda line: click.echo(f"space: {line}"),
        )
    for path in done.skipped:
        click.echo(f"left out, broken: {path}", err=True)
    click.echo(f"{done.made} files written, {done.kept} were there already: {out}")


@command.command(name="fractals", epilog=FRACTALS_EXAMPLE)
@click.option("--out", required=True, metavar="DIR", help="Folder to write.")
@click.option("--count", type=int, required=True, metavar="N", help="How many, 1 to 1,000,000.")
@click.option(
    "--size", type=int, metavar="PX", default=256, show_default=True, help="Of the square pictures."
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--workers", type=int, metavar="N", help="Threads.  [default: as many as cores]")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def fractals_command(
    out: str, count: int, size: int, seed: int, workers: int | None, quiet: bool
) -> None:
    """Write pictures of iterated function systems, to mix photographs with.

    They are what PixMix and IPMix mix images with; `robench train` makes small ones for itself and
    reads others with --mixing-pictures. Picture N is always the same for a seed and size. Repeat a
    command that was stopped, or ask for more, and it goes on.
    """
    from robench.generation.fractals import generate_fractals

    with _progress_kept():
        done = generate_fractals(
            out,
            count=count,
            side_px=size,
            seed=seed,
            workers=workers,
            command=["robench", *sys.argv[1:]],
            progress=not quiet,
            say=lambda line: click.echo(f"space: {line}"),
        )
    click.echo(f"{done.made} pictures written, {done.kept} were there already: {out}")


@contextlib.contextmanager
def _progress_kept() -> Iterator[None]:
    """Say after Ctrl-C how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(
            "\nrobench: interrupted; what was finished is kept, repeat the command to go on",
            err=True,
        )
        sys.exit(130)
