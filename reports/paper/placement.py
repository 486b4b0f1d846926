"""Which row and column of a paper's tables a run belongs to, from what its run.json and checkpoint record."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from baselines import methods
from reports.paper.variants import PAPER_EPOCHS, VARIANTS, Trained
from reports.protocol import dataset_of, images_used, on_the_fly
from robench.errors import RobenchError
from robench.training.recipe import RECIPE_OF_DATASET, recipe_for
from robench.unfinished_training import unfinished_training

FOLDERS = ("stylised", "mixing_pictures")  # options whose value is the name of a folder


@dataclass(frozen=True)
class Placement:
    """What a run is of, and what keeps its numbers from being like for like with a paper's.

    Attributes:
        trained: the row's method, the network, the data set; ``apart`` where the run is in no cell of a paper.
        unlike: sentences without a full stop, each a reason that holds for every number of the run.
        recipe: in which the recipe differs from the tables'.
    """

    trained: Trained
    unlike: tuple[str, ...] = ()
    recipe: tuple[str, ...] = ()


def placement(
    info: Mapping[str, Any], label: str, any_recipe: bool = False, divisor: str | None = None
) -> Placement:
    """Return where a run belongs, given its ``run.json``.

    ``label`` is what a run of unknown training is called. With ``any_recipe`` another recipe than the tables' does not
    set a run apart. ``divisor`` is the name of the run whose flip probabilities this one's are divided by.
    """
    found = _of_training(info, label)
    trained, unlike, apart = found.trained, list(found.unlike), [found.trained.apart]
    if found.recipe:
        unlike.append(f"trained with {', '.join(found.recipe)}")
        if not any_recipe:
            apart += [each.partition(" instead of ")[0] for each in found.recipe]
    if part := images_used(info):
        unlike.append(f"measured on {part}")
        apart.append(part)
    if info.get("temperature"):
        unlike.append("its logits were divided by a temperature")
        apart.append("temperature-scaled")
    if on_the_fly(info) and info["seed"]:
        apart.append(f"corruptions of seed {info['seed']}")
    if divisor is not None and "alexnet" not in divisor.lower():
        unlike.append(f"divided by {divisor}, the paper's numbers by AlexNet")
        apart.append(f"divided by {divisor}")
    trained = replace(trained, apart=", ".join(filter(None, apart)))
    return Placement(trained, tuple(unlike), found.recipe)


def _of_training(info: Mapping[str, Any], label: str) -> Placement:
    """Return the place by training alone."""
    model = info["model"]
    if members := model.get("members"):
        words = f"an ensemble of {len(members)}"
        return _unknown(info, f"{label}, {words}", words)
    training = model.get("training") or {}
    keys = ("method", "dataset")
    method, dataset = (training.get(key) for key in keys)
    architecture = model.get("architecture")
    if not method or not dataset or not architecture:
        return _unknown(info, label, "how it was trained is not on record")
    names = [key for key, variant in VARIANTS.items() if variant.method == method]
    if not names:
        return _unknown(info, label, f"the method {method} is no row of a table")
    try:
        network = architecture.removeprefix(VARIANTS[names[0]].network_prefix)
        return _of_method(info, label, names, Trained(names[0], network, dataset))
    except RobenchError as error:  # an option or a recipe that this version does not know
        return _unknown(info, label, str(error).replace(";", ","))


def _unknown(info: Mapping[str, Any], label: str, reason: str) -> Placement:
    architecture = info["model"].get("architecture") or ""
    dataset = dataset_of(str(info["suite"]))
    dataset = "imagenet" if dataset.startswith("imagenet") else dataset  # ImageNet-R and its like
    return Placement(Trained("", architecture, dataset, label), (reason,))


def _of_method(info: Mapping[str, Any], label: str, names: list[str], what: Trained) -> Placement:
    training = info["model"]["training"]
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
            return Placement(replace(what, variant=name), (), deviations)
    other = [
        f"{key} {value} instead of {default.get(key)}"
        for key, value in options.items()
        if value != default.get(key)
    ]
    reason = f"{method} with other options than a row of a table: {', '.join(other)}"
    return _unknown(info, label, reason)


def _without_folders(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key not in FOLDERS}


def _deviations(
    training: Mapping[str, Any], expected: Mapping[str, Any], place: tuple[str, str]
) -> tuple[str, ...]:
    recipe = training.get("recipe")
    if not recipe:
        return ("a recipe that is not recorded",)
    asked = [key for key in expected if key in recipe and not _same(recipe[key], expected[key])]
    if recipe.get("epochs") == PAPER_EPOCHS.get(place):
        asked = [key for key in asked if key != "epochs"]
    found = [f"{key} {recipe[key]} instead of {expected[key]}" for key in asked]
    if done := unfinished_training({"training": training}):
        found.append(f"stopped after {done}")
    return tuple(found)


def _same(found: Any, expected: Any) -> bool:
    return bool(found == (list(expected) if isinstance(expected, tuple) else expected))
