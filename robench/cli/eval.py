"""``robench eval``: one model on one benchmark."""

import sys
from typing import Any

import click

from robench.cli.choices import number_or_auto, number_or_word, numbers, words
from robench.cli.model_options import model_arguments, optional_model_options
from robench.cli.run_options import (
    data_dir_option,
    dry_run_option,
    page_command,
    run_options,
    say,
)
from robench.places import RUNS_FOLDER

EXAMPLE = """
\b
Examples:
  robench eval --model ckpt.pt --suite cifar-10-c      all else is found, and said
  robench eval --model resnet20.th --arch resnet20 --normalisation imagenet \\
      --suite cifar-10-c --data-dir data --out runs/resnet20
  robench eval --model runs/augmix/checkpoints/last.pt --suite digits-c
  robench eval --model timm:resnet50 ...               also torchvision:NAME, net.onnx, net.pt2
  robench eval --model a.pt --model b.pt --ensemble ...
  robench eval ... --corruptions fog,snow --severities 1,3,5 --limit 1000
  robench eval ... --dry-run                           how long, how much; nothing is written
  robench eval ... --suite imagenet-p --baseline runs/alexnet
  robench eval ... --out runs/resnet20 --shard 3/16    one of sixteen jobs on a common disk
  torchrun --nproc-per-node 2 -m robench eval ...      the same, started together
  robench eval ... --temperature fit                   and then
      robench compare RUN RUN-2                        what calibration it gains
\b
The same command again goes on after an interruption, or prints what is finished. Another model, seed or
protocol takes the next free name: runs/ckpt/cifar-10-c-2.
\b
--temperature changes probabilities, never predictions: errors stay, calibration moves. "fit" minimises
the NLL of the run's own clean images, nine tenths of them for the tenth, so that no image is scored
with a temperature that was fitted on it.
"""


@click.command(name="eval", epilog=EXAMPLE)
@optional_model_options
@click.option("--ensemble", is_flag=True, help="Average the softmaxes of several --model.")
@click.option("--suite", help="Benchmark; see `robench list suites`.  [required]")
@click.option("--out", metavar="RUN", help="Run directory.  [default: runs/MODEL/SUITE]")
@data_dir_option
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
    "--size",
    "size_px",
    type=int,
    metavar="PX",
    help="Of --suite folder: the squares' side.  [default: the model's, or the preset's]",
)
@click.option(
    "--classes",
    metavar="FILE",
    help="Of --suite folder: a class folder a line, in the order of the outputs.",
)
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
@dry_run_option
@run_options
def command(
    out: str | None,
    corruptions: str | None,
    severities: str | None,
    batch_size: str,
    temperature: str | None,
    dry_run: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Evaluate a model on every condition of a benchmark.

    What is not said is looked for: the data, the network, the normalisation. What was assumed is printed. Writes
    RUN/run.json (what was run), RUN/records (one row per image and condition) and RUN/scores.csv, and prints the
    errors. Nothing that is stored is computed again, and nothing is overwritten.
    """
    from robench import api, distributed
    from robench.errors import RobenchError

    asked = {
        **model_arguments(options),
        **options,
        "corruptions": words(corruptions),
        "severities": numbers("--severities", severities),
        "batch_size": number_or_auto("--batch-size", batch_size),
        "temperature": number_or_word("--temperature", temperature),
        "out": out,
        "runs": RUNS_FOLDER,
        "say": say,
    }
    if dry_run:
        click.echo("\n".join(api.forecast(**asked).lines()))
        return
    result = api.evaluate(**asked, progress=not quiet, command=["robench", *sys.argv[1:]])
    from reports.terminal import error_table  # here, so that a complaint does not wait for it

    if options["shard"] is None and distributed.rank_shard().number != 1:
        return  # the first process of a torchrun speaks for all
    click.echo(error_table(result.scored, result.run.info))
    click.echo(f"\nscores: {result.path / 'scores.csv'}   page: {page_command(result.path)}")
    if failure := result.failure_sentence():
        raise RobenchError(failure)
