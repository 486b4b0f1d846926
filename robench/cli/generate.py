"""``robench generate``: the benchmarks' files from clean images."""

import sys

import click

from robench.cli.choices import numbers, words

EXAMPLE = """
\b
Examples:
  robench generate --suite cifar-10-c --data-dir data --out data/CIFAR-10-C
  robench generate --suite cifar-10-p --data-dir data --names gaussian_noise,tilt --out data/CIFAR-10-P
  robench generate --suite imagenet-c --source imagenet/val --out ImageNet-C --shard 3/16
  robench generate --source photographs --preset imagenet --size 224 --severities 1,3,5 --out out
"""


@click.command(name="generate", epilog=EXAMPLE)
@click.option("--out", required=True, metavar="DIR", help="Folder to write.")
@click.option("--suite", help="Benchmark: cifar-10-c, cifar-10-p, imagenet-c, tiny-imagenet-p, ...")
@click.option("--data-dir", metavar="DIR", help="Folder that holds the datasets' own folders.")
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
@click.option("--quiet", is_flag=True, help="No progress bar.")
def command(
    out: str,
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
    quiet: bool,
) -> None:
    """Write a corrupted test set in the layout it is published in.

    Known datasets become .npy files as in CIFAR-10-C and -P; folders of photographs become trees
    of JPEG files as ImageNet-C, or of videos as ImageNet-P. Finished files are never made again:
    repeat a command that was stopped, and it goes on. DIR/manifest.json says what was made from
    what, with the digest of every file.
    """
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
    try:
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
    except KeyboardInterrupt:
        click.echo(
            "\nrobench: interrupted; what was finished is kept, repeat the command to go on",
            err=True,
        )
        sys.exit(130)
    for path in done.skipped:
        click.echo(f"left out, broken: {path}", err=True)
    click.echo(f"{done.made} files written, {done.kept} were there already: {out}")
