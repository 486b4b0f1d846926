"""``robench verify``: a certificate for a folder of corrupted images."""

import json
import sys

import click

from robench.cli.run_options import data_dir_option

EXAMPLE = """
\b
Examples:
  robench verify data/CIFAR-10-C --data-dir data
  robench verify ImageNet-C --source imagenet/val --sample 100
  robench verify ImageNet-P --source imagenet/val
  robench verify data/CIFAR-10-C --json > certificate.json
"""
SOMETHING_DIFFERS = 1


@click.command(name="verify", epilog=EXAMPLE)
@click.argument("folder", metavar="DIR")
@data_dir_option
@click.option(
    "--source", metavar="DIR", help="Clean photographs, for trees of JPEG files or videos."
)
@click.option("--suite", help="Which benchmark.  [default: by the manifest or the labels]")
@click.option("--preset", help="Whose constants.  [default: by the manifest, suite or size]")
@click.option("--seed", type=int, help="Generated with it?  [default: the manifest's, or 0]")
@click.option(
    "--sample", type=int, help="Images looked at, per severity.  [default: 256; of videos, 32]"
)
@click.option("--json", "as_json", is_flag=True, help="Print the certificate as JSON.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def command(
    folder: str,
    data_dir: str | None,
    source: str | None,
    suite: str | None,
    preset: str | None,
    seed: int | None,
    sample: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say of every file in DIR whether it is what its name says.

    official: the published file, by its md5. reproduced: pixel for pixel what this version makes of
    the clean images; of trees, the sampled ones, and every file is what the manifest says. same
    distribution: no difference in a paired test against fresh draws. differs: anything else, with
    the reason where one is found. Exits with 1 unless all files are one of the first three.
    """
    from robench.certificate import verify

    certificate = verify(
        folder,
        data_dir=data_dir,
        source=source,
        suite=suite,
        preset=preset,
        seed=seed,
        sample=sample,
        progress=lambda name: None if quiet else click.echo(f"checking {name}", err=True),
    )
    if as_json:
        click.echo(json.dumps(certificate.as_json(), indent=2))
    else:
        click.echo(certificate.as_text())
    if not certificate.is_clean:
        sys.exit(SOMETHING_DIFFERS)
