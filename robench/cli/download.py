"""``robench download``: the published archives."""

import sys

import click

EXAMPLE = """
\b
Examples:
  robench download cifar-10-c --data-dir data
  robench download imagenet-c --data-dir data --where      say what belongs where, fetch nothing
"""


@click.command(name="download", epilog=EXAMPLE)
@click.argument("name", metavar="SUITE")
@click.option("--data-dir", required=True, metavar="DIR", help="Folder to put the datasets in.")
@click.option("--where", "only_where", is_flag=True, help="Only say what belongs where.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Silence after which a connection counts as broken.",
)
@click.option("--quiet", is_flag=True, help="No progress bars.")
def command(name: str, data_dir: str, only_where: bool, timeout_s: float, quiet: bool) -> None:
    """Fetch, check and unpack the published archives of a SUITE or dataset.

    What is there already is not fetched again. Stopped at any moment, by Ctrl-C or a broken
    connection, the same command goes on where it was. An archive is unpacked only if its md5 is
    the published one, and appears under its name only when it is whole.
    """
    from robench import download

    if only_where:
        click.echo(download.where(name, data_dir))
        return
    try:
        download.download(
            name,
            data_dir,
            patience=download.Patience(timeout_s=timeout_s),
            progress=not quiet,
            say=click.echo,
        )
    except KeyboardInterrupt:
        click.echo(
            "\nrobench: interrupted; what came is kept, repeat the command to go on", err=True
        )
        sys.exit(130)
