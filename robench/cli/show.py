"""``robench show``: what a corruption looks like on a picture."""

from pathlib import Path

import click

from robench.cli.choices import numbers, words

EXAMPLE = """
\b
Examples:
  robench show cat.jpg --out sheet.png
  robench show cat.jpg --corruptions fog,frost,snow --severities 1,3,5 --out weather.png
  robench show cat.jpg --perturbation tilt --out tilt.png
"""


@click.command(name="show", epilog=EXAMPLE)
@click.argument("image", metavar="IMAGE")
@click.option("--out", required=True, metavar="FILE.png", help="Picture to write.")
@click.option("--corruptions", metavar="A,B", help="Only these.  [default: all nineteen]")
@click.option("--severities", metavar="1,3", help="Only these.  [default: 1,2,3,4,5]")
@click.option("--perturbation", metavar="NAME", help="Instead, the frames of a sequence.")
@click.option(
    "--preset",
    default="auto",
    show_default=True,
    metavar="auto|cifar|tiny|imagenet|inception",
    help="Whose constants; auto goes by the picture's size.",
)
@click.option("--seed", type=int, default=0, show_default=True)
def command(
    image: str,
    out: str,
    corruptions: str | None,
    severities: str | None,
    perturbation: str | None,
    preset: str,
    seed: int,
) -> None:
    """Draw a contact sheet of a picture under every corruption and severity, or of a sequence.

    A picture larger than those of the preset's benchmark is made smaller and its middle shown, so
    that the constants do to it what they do there.
    """
    from reports.contact_sheets import (
        sheet_of_corruptions,
        sheet_of_sequence,
        specimen,
        write_sheet,
    )

    shown = specimen(image, preset)
    if perturbation is not None:
        sheet = sheet_of_sequence(shown, perturbation, seed)
    else:
        levels = numbers("--severities", severities)
        sheet = sheet_of_corruptions(shown, words(corruptions), levels, seed)
    write_sheet(sheet, Path(out))
    click.echo(f"{shown.sentence()}: {out}")
