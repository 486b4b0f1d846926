"""``robench train``: one network with one of the methods."""

import sys

import click

EXAMPLE = """
\b
Examples:
  robench train standard --dataset digits --arch digits_cnn --out runs/standard
  robench train augmix --dataset cifar-10 --data-dir data --arch wrn-40-2 --out runs/augmix
  robench train augmix --option severity=1 --option jsd=false --epochs 10 ... --out runs/short
  robench train augmix ... --out runs/augmix --resume       go on after an interruption
  robench eval --model runs/augmix/checkpoints/last.pt --suite cifar-10-c ...
"""


@click.command(name="train", epilog=EXAMPLE)
@click.argument("method")
@click.option("--dataset", required=True, help="What to train on: digits, cifar-10, cifar-100.")
@click.option("--arch", required=True, help="Network; see `robench list architectures`.")
@click.option("--out", required=True, metavar="RUN", help="Run directory to write.")
@click.option("--data-dir", metavar="DIR", help="Folder that holds the datasets' own folders.")
@click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="Of the method; repeatable."
)
@click.option("--epochs", type=int, help="[default: the network's and dataset's recipe]")
@click.option("--batch-size", type=int, help="[default: the recipe's, 128 on CIFAR]")
@click.option(
    "--lr", type=float, help="First learning rate.  [default: the recipe's, 0.1 on CIFAR]"
)
@click.option("--weight-decay", type=float, help="[default: the recipe's, mostly 5e-4]")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--device", help="Such as cpu or cuda:1.  [default: a GPU if there is one]")
@click.option(
    "--resume", is_flag=True, help="Continue the run in --out after its last whole epoch."
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
def command(
    method: str,
    dataset: str,
    arch: str,
    out: str,
    data_dir: str | None,
    options: tuple[str, ...],
    epochs: int | None,
    batch_size: int | None,
    lr: float | None,
    weight_decay: float | None,
    seed: int,
    device: str | None,
    resume: bool,
    quiet: bool,
) -> None:
    """Train a network with METHOD (see `robench list methods`) and keep its last epoch.

    Writes RUN/run.json (what was asked for), RUN/log.jsonl (a line per epoch) and
    RUN/checkpoints/last.pt, which `robench eval` reads. A run that is stopped loses at most the
    epoch it was in.
    """
    from baselines import methods
    from robench.training import train

    trained = train(
        method,
        arch,
        dataset,
        out,
        method_options=methods.options_from_text(method, list(options)),
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        weight_decay=weight_decay,
        seed=seed,
        data_dir=data_dir,
        device=device,
        resume=resume,
        command=["robench", *sys.argv[1:]],
        progress=not quiet,
    )
    click.echo(f"clean test error {trained.test_error:.2%} after {len(trained.log)} epochs")
    click.echo(
        f"checkpoint: {trained.checkpoint}   next: robench eval --model {trained.checkpoint}"
    )
