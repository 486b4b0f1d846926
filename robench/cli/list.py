"""``robench list``: what there is to choose from."""

import click

EXAMPLE = """
\b
Examples:
  robench list
  robench list corruptions
  robench list scores           what scores.csv and gates call them
  robench list published        names for `robench report` and `robench compare`
"""


def _suites() -> dict[str, str]:
    from robench import suites

    return {
        name: suite.summary + (f"; {len(suite.extra)} more by name" if suite.extra else "")
        for name, suite in suites.registry().items()
    }


def _corruptions() -> dict[str, str]:
    import corruptions

    lists = {
        "benchmark": corruptions.BENCHMARK,
        "extra": corruptions.EXTRA,
        "CIFAR-10-C-bar": corruptions.CIFAR_BAR,
        "ImageNet-C-bar": corruptions.IMAGENET_BAR,
    }
    return {
        name: ", ".join([family, *(title for title, names in lists.items() if name in names)])
        for name, family in corruptions.families().items()
    }


def _perturbations() -> dict[str, str]:
    import corruptions

    return {
        name: f"{corruptions.frame_count(name, preset='cifar')} frames at 32 px"
        for name in corruptions.perturbation_names()
    }


def _datasets() -> dict[str, str]:
    from robench import datasets

    return dict.fromkeys(datasets.registry(), "")


def _methods() -> dict[str, str]:
    from baselines import methods

    return {name: method.summary for name, method in methods.registry().items()}


def _architectures() -> dict[str, str]:
    from baselines import architectures

    return dict.fromkeys(architectures.registry(), "")


def _metrics() -> dict[str, str]:
    from robench import metrics
    from robench.metrics.perturbation import SEQUENCE_METRICS
    from robench.scoring import on_request

    of_images = {name: metric.summary for name, metric in metrics.registry().items()}
    asked = {name: f"{text} (on request: --also)" for name, text in on_request().items()}
    return of_images | asked | {name: metric.summary for name, metric in SEQUENCE_METRICS.items()}


def _scores() -> dict[str, str]:
    from robench.scoring.suite_scores import ANOMALY_SCORES, SUITE_SCORES

    return {name: each.summary for name, each in (SUITE_SCORES | ANOMALY_SCORES).items()}


def _models() -> dict[str, str]:
    from robench import models

    return {name: source.summary for name, source in models.registry().items()}


def _normalisations() -> dict[str, str]:
    from robench.models import NORMALISATIONS

    return {name: f"mean {each.mean}, std {each.std}" for name, each in NORMALISATIONS.items()}


def _published() -> dict[str, str]:
    from robench.published_results import published_scores

    return {
        str(model): ", ".join(dict.fromkeys(part["suite"]))
        for model, part in published_scores().groupby("model", sort=False)
    }


KINDS = {
    "suites": _suites,
    "datasets": _datasets,
    "corruptions": _corruptions,
    "perturbations": _perturbations,
    "methods": _methods,
    "architectures": _architectures,
    "models": _models,
    "normalisations": _normalisations,
    "metrics": _metrics,
    "scores": _scores,
    "published": _published,
}
LONG = ("published",)  # named one by one only when asked for


@click.command(name="list", epilog=EXAMPLE)
@click.argument("kind", required=False, type=click.Choice(list(KINDS)))
def command(kind: str | None) -> None:
    """Name what can be given to the other commands, of one KIND or of all."""
    for title in [kind] if kind else KINDS:
        entries = KINDS[title]()
        if title in LONG and not kind:
            click.echo(f"{title}:\n  {len(entries)} models; see robench list {title}")
            continue
        width = max(map(len, entries))
        click.echo(f"{title}:")
        for name, text in entries.items():
            click.echo(f"  {name:<{width}}  {text}".rstrip())
