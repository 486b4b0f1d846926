import functools

import numpy as np
import pytest

from reports import protocol, results
from robench import suites
from robench.records import open_run
from robench.scoring import score
from robench.suites import CLEAN
from robench.training.recipe import recipe_for
from tests.reports.synthetic import records, write_run
from tests.scoring.test_perturbation_scores import VIDEOS
from tests.scoring.test_perturbation_scores import records as sequence_records

IMAGES = 100
ARCHITECTURES = {"cifar-10-p": "resnext29", "imagenet-p": "torchvision:resnet50"}


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
    monkeypatch.setattr(results, "score", lambda run: scored(run.path))


@pytest.fixture(autouse=True)
def papers_of_few_images(monkeypatch):
    """Make the papers' test sets as small as the runs of these tests."""
    counts = dict.fromkeys(protocol.OFFICIAL_COUNTS, IMAGES)
    monkeypatch.setattr(protocol, "OFFICIAL_COUNTS", counts)


@pytest.fixture
def write_flips(tmp_path, monkeypatch):
    """Return a function that writes a run on a -P suite, whose sequence number k flips k + ``shift`` times of 10."""
    counts = dict.fromkeys(protocol.OFFICIAL_COUNTS, VIDEOS)
    monkeypatch.setattr(protocol, "OFFICIAL_COUNTS", counts)

    def write(suite, trained, shift, name="run", **model):
        count = len(list(tmp_path.iterdir()))
        record = {
            "sha256": f"{count:064d}",
            "architecture": ARCHITECTURES[suite],
            "training": trained,
        }
        path = write_run(
            tmp_path / name,
            name,
            suite=suite,
            model=record | model,
            data={"images": VIDEOS, "limit": None, "description": f"the sequences in {suite}"},
            conditions=[],
        )
        run = open_run(path)
        run.info["model"]["num_classes"] = 100  # those of the records
        run.info["conditions"] = [str(each) for each in suites.registry()[suite].conditions()]
        run.write_info()
        labels = sequence_records(np.zeros(VIDEOS, int))[["index", "label"]].drop_duplicates()
        clean = records(0.1, VIDEOS, np.random.default_rng(0))
        run.write(CLEAN, clean.assign(label=labels["label"].to_numpy()))
        for number, each in enumerate(suites.registry()[suite].conditions()[1:]):
            run.write(each, sequence_records(np.full(VIDEOS, (number + shift) % 11)))
        return path

    return write


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
