"""Which row and column of a paper's table a run belongs to, from what its run.json and checkpoint record."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from baselines import methods
from reports.paper.variants import PAPER_EPOCHS, VARIANTS, Trained
from robench.errors import RobenchError
from robench.records import Run
from robench.training.recipe import RECIPE_OF_DATASET, recipe_for

FOLDERS = ("stylised", "mixing_pictures")  # options whose value is the name of a folder


@dataclass(frozen=True)
class Placement:
    """A run's place: what was trained, or None and the reason why it has no place.

    ``deviations`` are the parts of the recipe that are not those of the table.
    """

    trained: Trained | None
    reason: str = ""
    deviations: tuple[str, ...] = ()


def placement(run: Run) -> Placement:
    """Return where a run belongs; a run on part of the images, of an ensemble or of unknown training has no place."""
    model, data = run.info["model"], run.info["data"]
    if data["limit"] is not None:
        return _none(f"evaluated on {data['limit']:,} images, the paper on all")
    if model.get("members"):
        return _none("an ensemble; only the figures against severity show it")
    training = model.get("training") or {}
    method, dataset, architecture = (
        training.get("method"),
        training.get("dataset"),
        model.get("architecture"),
    )
    if not method or not dataset or not architecture:
        return _none("its checkpoint does not record the training method, dataset and network")
    names = [key for key, variant in VARIANTS.items() if variant.method == method]
    if not names:
        return _none(f"the method {method} is no row of a table")
    try:
        prefix = VARIANTS[names[0]].network_prefix
        network = architecture.removeprefix(prefix)
        return _placed(names, training, Trained(names[0], network, dataset))
    except RobenchError as error:  # an option or a recipe that this version does not know
        return _none(str(error))


def _none(reason: str) -> Placement:
    return Placement(None, reason)


def _placed(names: list[str], training: Mapping[str, Any], what: Trained) -> Placement:
    recipe = dict(training.get("recipe") or {})
    preset = recipe.get("name") or RECIPE_OF_DATASET.get(what.dataset, "cifar")
    used_on = (preset, what.dataset)
    method = VARIANTS[names[0]].method
    default = asdict(methods.create(method, used_on=used_on))
    options = _without_folders(default | dict(training.get("method_options") or {}))
    for name in names:
        wanted = methods.create(method, VARIANTS[name].options_on(what.dataset), used_on=used_on)
        if options == _without_folders(asdict(wanted)):
            own = recipe_for(what.architecture, what.dataset, wanted.recipe, {}, preset)
            deviations = _deviations(training, asdict(own), (what.dataset, method))
            return Placement(Trained(name, what.architecture, what.dataset), "", deviations)
    other = [
        f"{key} {value} instead of {default.get(key)}"
        for key, value in options.items()
        if value != default.get(key)
    ]
    return _none(f"{method} with other options than a row of a table: {', '.join(other)}")


def _without_folders(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key not in FOLDERS}


def _deviations(
    training: Mapping[str, Any], expected: Mapping[str, Any], place: tuple[str, str]
) -> tuple[str, ...]:
    recipe = training.get("recipe")
    if not recipe:
        return ("its recipe is not recorded",)
    asked = [key for key in expected if key in recipe and not _same(recipe[key], expected[key])]
    if recipe.get("epochs") == PAPER_EPOCHS.get(place):
        asked = [key for key in asked if key != "epochs"]
    found = [f"{key} {recipe[key]} instead of {expected[key]}" for key in asked]
    if training.get("epoch") is not None and training["epoch"] < recipe.get("epochs", 0):
        found.append(f"stopped after {training['epoch']} of {recipe['epochs']} epochs")
    return tuple(found)


def _same(found: Any, expected: Any) -> bool:
    return bool(found == (list(expected) if isinstance(expected, tuple) else expected))
