"""``robench eval``: one model on one benchmark."""

import sys
from pathlib import Path
from typing import Any

import click

from robench.cli.choices import number_or_auto, numbers, words
from robench.cli.model_options import model_options, opened
from robench.cli.run_options import run_options

EXAMPLE = """
\b
Examples:
  robench eval --model resnet20.th --arch resnet20 --normalisation imagenet \\
      --suite cifar-10-c --data-dir data --out runs/resnet20
  robench eval --model runs/augmix/checkpoints/last.pt --suite digits-c --out runs/eval
  robench eval --model timm:resnet50 ...               also torchvision:NAME, net.onnx, net.pt2
  robench eval --model a.pt --model b.pt --ensemble ...
  robench eval ... --corruptions fog,snow --severities 1,3,5 --limit 1000
  robench eval ... --suite imagenet-p --baseline runs/alexnet
  robench eval ... --out runs/resnet20 --resume        go on after an interruption
  robench eval ... --out runs/resnet20 --shard 3/16    one of sixteen jobs on a common disk
  torchrun --nproc-per-node 2 -m robench eval ...      the same, started together
  robench eval ... --temperature fit --out runs/resnet20-t     and then
      robench compare runs/resnet20 runs/resnet20-t            what calibration it gains
\b
--temperature changes probabilities, never predictions: errors stay, calibration moves. "fit" minimises
the NLL of the run's own clean images, nine tenths of them for the tenth, so that no image is scored
with a temperature that was fitted on it.
"""


@click.command(name="eval", epilog=EXAMPLE)
@model_options
@click.option("--ensemble", is_flag=True, help="Average the softmaxes of several --model.")
@click.option("--suite", required=True, help="Benchmark; see `robench list suites`.")
@click.option("--out", required=True, metavar="RUN", help="Run directory to write.")
@click.option("--data-dir", metavar="DIR", help="Folder that holds the datasets' own folders.")
@click.option(
    "--data",
    "mode",
    default="auto",
    show_default=True,
    metavar="auto|folder|on-the-fly",
    help="Official corrupted images, or clean ones corrupted while evaluating.",
)
@click.option("--corruptions", metavar="A,B", help="Only these.  [default: all of the suite]")
@click.option("--severities", metavar="1,3", help="Only these.  [default: 1,2,3,4,5]")
@click.option("--limit", type=int, metavar="N", help="Only N images, spread over the classes.")
@click.option("--subset", metavar="NAME", help="Only a known part: robustbench-5k.")
@click.option("--preset", help="Of --suite folder.  [default: by the pictures' size]")
@click.option(
    "--baseline",
    metavar="RUN",
    help="A run that mCE, mFR and mT5D divide by.  [default: as published, where it is]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of corruptions on the fly.")
@click.option("--compile", "compiled", is_flag=True, help="Use torch.compile.")
@click.option(
    "--temperature",
    metavar="T|fit",
    help="Divide the logits by T, or by what is best on the clean images: see below.",
)
@click.option("--shard", metavar="3/16", help="Only this part of the work; parts share RUN.")
@click.option(
    "--strict", is_flag=True, help="Refuse a model trained with what overlaps with the corruptions."
)
@run_options
def command(
    ensemble: bool,
    suite: str,
    out: str,
    data_dir: str | None,
    mode: str,
    corruptions: str | None,
    severities: str | None,
    limit: int | None,
    subset: str | None,
    preset: str | None,
    baseline: str | None,
    seed: int,
    batch_size: str,
    device: str | None,
    precision: str,
    compiled: bool,
    temperature: str | None,
    shard: str | None,
    strict: bool,
    resume: bool,
    quiet: bool,
    **model_choice: Any,
) -> None:
    """Evaluate a model on every condition of a benchmark.

    Writes RUN/run.json (what was run), RUN/records (one row per image and condition) and RUN/scores.csv, and prints
    the errors. Conditions that are finished are never computed again.
    """
    from tqdm import tqdm

    from reports.terminal import error_table
    from robench import distributed, evaluation, scoring, suites, temperature_scaling
    from robench.contamination import contamination_of
    from robench.errors import RobenchError
    from robench.shard import Shard
    from robench.suites.benchmark import open_benchmark
    from robench.unfinished_training import unfinished_training

    divisor_of_logits = temperature_scaling.parsed(temperature)
    part = Shard.parse(shard) if shard else distributed.rank_shard()
    speaks = part.number == 1 or shard is not None  # the first process of a torchrun, for all
    description = suites.registry()[suite]
    conditions = description.conditions(words(corruptions), numbers("--severities", severities))
    divisor = scoring.open_baseline(baseline, description) if baseline else None
    benchmark = open_benchmark(
        description, data_dir, mode=mode, seed=seed, limit=limit, subset=subset, preset=preset
    )
    model = opened(classes=len(benchmark.full.classes), as_ensemble=ensemble, **model_choice)
    click.echo(f"model: {model.description()}")
    click.echo(f"data: {benchmark.description()}")
    warning = contamination_of(model.record()).sentence(model.name)
    if warning and description.corruptions:
        click.echo(f"note: {warning}")
    if done := unfinished_training(model.record()):
        click.echo(f"note: the checkpoint is of {done} of its training")
    if lacking := benchmark.incomplete():
        click.echo(f"note: {lacking}")
    result = evaluation.evaluate(
        model,
        benchmark,
        out,
        conditions=conditions,
        batch_size=number_or_auto("--batch-size", batch_size),
        device=device or distributed.rank_device(),
        precision=precision,
        compiled=compiled,
        temperature=divisor_of_logits,
        shard=part,
        resume=resume,
        strict=strict,
        command=["robench", *sys.argv[1:]],
        progress=speaks and not quiet,
        say=tqdm.write if speaks else lambda line: None,
    )
    distributed.wait_for_all()
    if not speaks:
        return
    scores = scoring.write_scores(result.run, divisor)
    click.echo(error_table(scores))
    click.echo(
        f"\nscores: {Path(out) / 'scores.csv'}   page: robench report {out} --out {out}/report"
    )
    if result.failed:
        raise RobenchError(result.failure_sentence())
