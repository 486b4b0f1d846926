"""``robench merge``: one run of several that hold shards of it."""

import click

EXAMPLE = """
\b
Example:
  robench eval ... --shard 1/2 --out a        on one machine
  robench eval ... --shard 2/2 --out b        on another
  robench merge a b --out runs/resnet20
"""


@click.command(name="merge", epilog=EXAMPLE)
@click.argument("runs", nargs=-1, metavar="RUN...")
@click.option("--out", required=True, metavar="RUN", help="Run directory to write.")
@click.option("--baseline", metavar="RUN", help="As of `robench eval`.")
def command(runs: tuple[str, ...], out: str, baseline: str | None) -> None:
    """Copy what the RUNs of one evaluation have finished into one run directory, and score it.

    Only needed where shards could not write to the same directory. The runs are left as they are.
    """
    from reports.terminal import error_table
    from robench import evaluation, scoring, suites

    merged = evaluation.merge(runs, out)
    suite = suites.registry()[merged.info["suite"]]
    divisor = scoring.open_baseline(baseline, suite) if baseline else None
    click.echo(error_table(scoring.write_scores(merged, divisor), merged.info))
