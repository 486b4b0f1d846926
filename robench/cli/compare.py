"""``robench compare``: is the second model really better than the first?"""

import sys
from pathlib import Path

import click

from robench.cli.choices import words

EXAMPLE = """
\b
Examples:
  robench compare runs/standard runs/augmix
  robench compare runs/main runs/branch --fail-if "mce > +0.5" --fail-if "clean_error > 0.09"
  robench compare runs/main runs/branch --fail-if "error of fog-3 > +1" --junit robench.xml
  robench compare runs/mine published:robustbench/Hendrycks2020AugMixWRN
  robench compare --seeds runs/seed-0 runs/seed-1 runs/seed-2
  robench compare runs/standard runs/augmix --line runs/a --line runs/b --line runs/c
\b
A gate is SCORE [of CONDITION] > NUMBER (or >=, <, <=); the exit code is 1 where it holds.
With a sign NUMBER is the change against the first run, in percentage points: "mce > +0.5" fails
from 70.0% to 70.6%. Without one it is the value, a fraction or with %: "clean_error > 9%".
nll (nats) and brier_score take plain numbers. A score that is missing fails the gate.
"""


@click.command(name="compare", epilog=EXAMPLE)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option(
    "--fail-if", "gates", multiple=True, metavar="GATE", help="Exit with 1 where it holds."
)
@click.option("--junit", metavar="FILE", help="Write the gates' verdicts as JUnit XML.")
@click.option("--out", metavar="DIR", help="Write differences.csv and images.csv, in fractions.")
@click.option("--seeds", is_flag=True, help="The RUNs are one method, trained with several seeds.")
@click.option(
    "--across-protocols",
    is_flag=True,
    help="Accept runs that differ in suite, preset, seed or data, on the same images.",
)
@click.option(
    "--line",
    multiple=True,
    metavar="RUN",
    help="Of a conventional model; three or more give the line of effective robustness.",
)
@click.option("--also", metavar="A,B|all", help="Metrics on request, see `robench list metrics`.")
@click.option(
    "--images", type=int, default=10, show_default=True, help="That differ most, to name."
)
@click.option("--resamples", type=int, default=2000, show_default=True, help="Of the bootstrap.")
def command(
    runs: tuple[str, ...],
    gates: tuple[str, ...],
    junit: str | None,
    out: str | None,
    seeds: bool,
    across_protocols: bool,
    line: tuple[str, ...],
    also: str | None,
    images: int,
    resamples: int,
) -> None:
    """Compare evaluated RUNs with the first one, image by image.

    Differences come with paired 95% intervals over the images; the error of each condition with McNemar's exact test,
    corrected for the number of conditions (Holm), everything else with a paired bootstrap test. A published model
    (published:NAME, see `robench list published`) has no images to pair: its numbers are taken as exact.
    """
    from reports.request import check_named_runs, in_one_line
    from robench.comparison.gate import Gate
    from robench.errors import RobenchError

    parsed = []
    # A run may well be on the line and beside it.
    complaints = list(dict.fromkeys([*check_named_runs(runs), *check_named_runs(line)]))
    for gate in gates:
        try:
            parsed.append(Gate.parse(gate))
        except RobenchError as error:
            complaints.append(str(error))
    if junit and not gates:
        complaints.append("--junit writes the verdicts of gates: give --fail-if too")
    if seeds and gates:
        complaints.append("--fail-if holds runs against the first one, --seeds averages them")
    if seeds and line:
        complaints.append("--line measures single runs, --seeds averages them")
    if resamples < 100:
        complaints.append(f"--resamples must be at least 100, got {resamples}")
    if images < 0:
        complaints.append(f"--images must be 0 or more, got {images}")
    if len(runs) == 1 and not (gates or line or seeds):
        complaints.append(
            "one run has nothing to differ from: name another one, or give --fail-if or --line"
        )
    if complaints:
        raise RobenchError(in_one_line(complaints))
    # Not before: pandas is slow to load.
    from reports.comparison_text import comparison_text, line_text, seeds_text, verdict_lines
    from robench.comparison import compare, judge, junit_xml, over_seeds
    from robench.comparison.written import write_bytes, write_tables
    from robench.progress import bar
    from robench.scoring import on_request

    scored = len([run for run in runs if not run.startswith("published:")])
    if seeds:
        with bar(scored, unit="runs", desc="compare") as shown:
            table = over_seeds(
                runs, across_protocols=across_protocols, resamples=resamples,
                also=words(also) or (), tell=lambda: shown.update(1),
            )  # fmt: skip
        click.echo(seeds_text(table))
        if out:
            write_tables(Path(out), seeds=table)
        return
    wanted = {gate.metric for gate in parsed} & on_request().keys()
    with bar(scored, unit="runs", desc="compare") as shown:
        comparison = compare(
            runs, across_protocols=across_protocols, resamples=resamples, images=images,
            also=[*(words(also) or ()), *wanted], line=line, tell=lambda: shown.update(1),
        )  # fmt: skip
    verdicts = judge(comparison, parsed)
    if line:
        click.echo(line_text(comparison))
    if len(runs) > 1:
        click.echo(comparison_text(comparison))
    if out:
        write_tables(Path(out), differences=comparison.differences, images=comparison.images)
    if junit:
        write_bytes(Path(junit), junit_xml(verdicts))
    if len(runs) > 1 and verdicts:
        click.echo()
    for sentence in verdict_lines(verdicts):
        click.echo(sentence)
    failed = [verdict.sentence for verdict in verdicts if verdict.failed]
    for sentence in failed:
        click.echo(f"robench: gate failed: {sentence}", err=True)
    sys.exit(1 if failed else 0)
