import functools

import pytest

from reports import protocol
from reports.paper import placed_run
from robench.records import open_run
from robench.scoring import score
from robench.training.recipe import recipe_for
from tests.reports.synthetic import write_run

IMAGES = 100


def training(method="augmix", architecture="wrn-40-2", dataset="cifar-10", options=None, **recipe):
    """Return what a checkpoint of ``robench train`` records, in its usual recipe but for what is given."""
    from dataclasses import asdict

    from baselines import methods

    name = "imagenet" if dataset == "imagenet" else "cifar"
    made = methods.create(method, options, used_on=(name, dataset))
    usual = asdict(recipe_for(architecture, dataset, made.recipe, recipe, name))
    return {
        "method": method,
        "method_options": asdict(made),
        "overlaps": [],
        "dataset": dataset,
        "recipe": usual,
        "epoch": usual["epochs"],
        "seed": 0,
    }


@functools.cache
def scored(path):
    """Return the scores of a run as the tables get them here: few resamples, and computed once."""
    return score(open_run(path), resamples=50)


@pytest.fixture(autouse=True)
def quick_scores(monkeypatch):
    """Score the runs of these tests with few resamples."""
    monkeypatch.setattr(placed_run, "score", lambda run: scored(run.path))


@pytest.fixture(autouse=True)
def papers_of_few_images(monkeypatch):
    """Make the papers' test sets as small as the runs of these tests."""
    monkeypatch.setattr(protocol, "IMAGES", dict.fromkeys(protocol.IMAGES, IMAGES))


@pytest.fixture(scope="session")
def write_trained(tmp_path_factory):
    """Return a function that writes a run of a trained network, with weights of its own."""
    count = 0

    def write(
        name,
        *,
        architecture="wrn-40-2",
        limit=None,
        trained=None,
        members=(),
        description="the corrupted images in data/CIFAR-10-C (clean: the CIFAR-10 test set)",
        **settings,
    ):
        nonlocal count
        count += 1
        record = training(architecture=architecture) if trained is None else trained
        model = {
            "sha256": f"{count:064x}",
            "architecture": architecture,
            "training": record,
            "members": list(members),
        }
        settings.setdefault("slope", 0.02)
        return write_run(
            tmp_path_factory.mktemp("trained") / name,
            name,
            model=model,
            data={"images": limit or IMAGES, "limit": limit, "description": description},
            records_seed=count,
            **settings,
        )

    return write
