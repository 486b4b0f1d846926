"""``robench demo``: everything once, on embedded data."""

import click

EXAMPLE = """
\b
Examples:
  robench demo
  robench demo --out /tmp/first-light --epochs 2 --limit 100
"""


@click.command(name="demo", epilog=EXAMPLE)
@click.option("--out", default="robench-demo", show_default=True, metavar="DIR")
@click.option("--epochs", type=int, metavar="N", help="Of training.  [default: the recipe's]")
@click.option("--limit", type=int, metavar="N", help="Evaluate N images.  [default: all 500]")
@click.option("--seed", type=int, default=0, show_default=True, help="Of training and corruptions.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
def command(out: str, epochs: int | None, limit: int | None, seed: int, quiet: bool) -> None:
    """Train, corrupt, evaluate and report, in about three minutes and without a download.

    Trains a small network on scikit-learn's handwritten digits twice, plainly and with AugMix, corrupts the test
    images in 15 ways at 5 severities, evaluates both networks on all of them and writes a report. Started again, it
    goes on where it was.
    """
    from reports.terminal import comparison
    from robench.demo import run_demo

    demo = run_demo(out, epochs=epochs, limit=limit, seed=seed, progress=not quiet, say=click.echo)
    click.echo(comparison(demo.scores))
    click.echo(f"\nreport: {demo.page}   (open it in a browser)")
