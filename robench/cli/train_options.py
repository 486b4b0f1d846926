"""The options of ``robench train``: those that all methods share, and how a method's own become flags."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from baselines.methods import MethodOption

SHARED = (
    click.Option(
        ["--dataset"],
        help="digits, cifar-10, cifar-100, tiny-imagenet, imagenet, or folder: DIR with train and val.  "
        "[default: cifar-10 where it is found, else digits]",
    ),
    click.Option(
        ["--arch"],
        help="Network; see `robench list architectures`. Or torchvision:NAME, timm:NAME.  "
        "[default: the dataset's: wrn-40-2 on CIFAR, digits_cnn, resnet18 on small pictures, torchvision:resnet50]",
    ),
    click.Option(
        ["--out"],
        metavar="RUN",
        help="Run directory to write or go on with.  [default: runs/METHOD-NETWORK-DATASET]",
    ),
    click.Option(
        ["--data-dir"],
        metavar="DIR",
        help="Folder that holds the datasets' own folders.  [default: $ROBENCH_DATA, data, or here]",
    ),
    click.Option(
        ["--recipe"], metavar="cifar|imagenet", help="[default: imagenet for photographs]"
    ),
    click.Option(["--epochs"], type=int, help="[default: the network's and dataset's recipe]"),
    click.Option(
        ["--batch-size"], type=int, help="[default: the recipe's; 128 on CIFAR, 256 on ImageNet]"
    ),
    click.Option(
        ["--lr"],
        type=float,
        help="First learning rate.  [default: the recipe's; 0.1 on CIFAR, 0.1 x batch / 256 on ImageNet]",
    ),
    click.Option(["--schedule"], metavar="cosine|thirds", help="[default: the recipe's]"),
    click.Option(["--momentum"], type=float, help="[default: 0.9]"),
    click.Option(
        ["--nesterov/--no-nesterov"], default=None, help="[default: yes on CIFAR, no on ImageNet]"
    ),
    click.Option(["--weight-decay"], type=float, help="[default: the recipe's, mostly 5e-4]"),
    click.Option(["--flip/--no-flip"], default=None, help="Mirror half.  [default: not digits]"),
    click.Option(
        ["--crop-padding", "crop_padding_px"],
        type=int,
        metavar="PX",
        help="Shift images by up to so much.  [default: 4 of 32 pixels]",
    ),
    click.Option(
        ["--resized-crop", "resized_crop_px"],
        type=int,
        metavar="PX",
        help="Cut out random parts and resize them.  [default: 224 on ImageNet, else not]",
    ),
    click.Option(["--seed"], type=int, help="[default: 0]"),
    click.Option(["--seeds"], metavar="0,1,2", help="A run for each, in RUN/seed-N."),
    click.Option(
        ["--eval", "evaluated"],
        multiple=True,
        metavar="SUITE",
        help="Evaluate on it at the end.  [default: the dataset's -C suite]",
    ),
    click.Option(["--no-eval"], is_flag=True, help="Only train."),
    click.Option(
        ["--ensemble"], is_flag=True, help="With --seeds: evaluate their mean softmax, too."
    ),
    click.Option(["--device"], help="Such as cpu or cuda:1.  [default: a GPU if there is one]"),
    click.Option(
        ["--precision"],
        default="fp32",
        show_default=True,
        type=click.Choice(["fp32", "bf16"]),
        help="Of the network; the loss is float32 in both.",
    ),
    click.Option(["--compile", "compiled"], is_flag=True, help="Use torch.compile."),
    click.Option(
        ["--sync-batch-norm"], is_flag=True, help="Under torchrun: one set of batch statistics."
    ),
    click.Option(
        ["--validate-c"],
        type=int,
        metavar="N",
        help="Log the error on N test images under 15 corruptions after each epoch.",
    ),
    click.Option(["--tensorboard"], is_flag=True, help="Also write TensorBoard's events."),
    click.Option(
        ["--resume"],
        is_flag=True,
        help="Only go on with a run that has begun; the same command goes on without it, too.",
    ),
    click.Option(
        ["--dry-run"], is_flag=True, help="Say what would be done and what it takes; write nothing."
    ),
    click.Option(["--quiet"], is_flag=True, help="No progress bar."),
)


def option_of(option: "MethodOption") -> click.Option:
    """Return the flag of a method's option, None when it is not given: ``--severity FLOAT``, ``--no-jsd``."""
    flag = f"--{option.name.replace('_', '-')}"
    elsewhere = "".join(f"; {where}: {value}" for where, value in option.usual.items())
    if option.kind is bool:
        pair = f"{flag}/--no-{flag[2:]}"
        default = "yes" if option.default else "no"
        text = f"{option.help}  [default: {default}{elsewhere}]"
        return click.Option([pair, option.name], default=None, help=text)
    limits = option.limits.in_words()
    default = "required" if option.limits.required else f"default: {option.default or 'none'}"
    text = f"{option.help}  [{f'{limits}; ' if limits else ''}{default}{elsewhere}]"
    return click.Option([flag, option.name], type=option.kind, default=None, help=text)
