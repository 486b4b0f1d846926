"""``robench stylize``: a training set in the style of paintings, for the methods sin and augmix_sin."""

import sys

import click

from robench.cli.run_options import data_dir_option

EXAMPLE = """
\b
Examples:
  robench stylize --dataset cifar-10 --data-dir data --paintings paintings \\
      --encoder vgg_normalised.pth --decoder decoder.pth --out data/stylised-cifar-10
  robench train sin --stylised data/stylised-cifar-10 --dataset cifar-10 --data-dir data ...
"""


@click.command(name="stylize", epilog=EXAMPLE)
@click.option("--dataset", required=True, help="Whose training images: cifar-10, imagenet, ...")
@data_dir_option
@click.option("--paintings", required=True, metavar="DIR", help="Pictures whose style is taken.")
@click.option("--encoder", required=True, metavar="FILE", help="Weights of VGG-19 up to relu4_1.")
@click.option("--decoder", required=True, metavar="FILE", help="Weights of its mirror image.")
@click.option("--out", required=True, metavar="DIR", help="Folder to write.")
@click.option(
    "--alpha",
    type=float,
    default=0.5,
    show_default=True,
    help="How much of the style, 0 to 1; Geirhos et al.: 1.",
)
@click.option(
    "--working-size",
    type=int,
    metavar="PX",
    default=224,
    show_default=True,
    help="Images are scaled to it, drawn anew and scaled back.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which painting goes where.")
@click.option("--device", help="Such as cpu or cuda:1.  [default: a GPU if there is one]")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def command(
    dataset: str,
    data_dir: str | None,
    paintings: str,
    encoder: str,
    decoder: str,
    out: str,
    alpha: float,
    working_size: int,
    seed: int,
    device: str | None,
    quiet: bool,
) -> None:
    """Draw a dataset's training images in the style of paintings (AdaIN).

    DIR/00000123.png is image 123. The weights and paintings are yours; docs/mixing_pictures.md says
    where they are published. Repeat a command that was stopped, and it goes on.
    """
    from robench import datasets
    from robench.download import open_or_advise
    from robench.generation.stylized import Style, stylize
    from robench.inference import chosen_device

    source, _ = open_or_advise(
        lambda folder: datasets.load(dataset, "train", folder), data_dir, dataset
    )
    done = stylize(
        source,
        paintings,
        encoder,
        decoder,
        out,
        style=Style(alpha, working_size, seed),
        device=chosen_device(device),
        command=["robench", *sys.argv[1:]],
        progress=not quiet,
    )
    click.echo(f"{done.made} images drawn, {done.kept} were there already: {out}")
