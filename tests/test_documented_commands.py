"""Every robench command of the documents runs, each document in a folder with small data under the names it uses.

Options are as printed, but that a training is short and parts of the data are such as the small data have.
``make documents`` runs this; it takes minutes.
"""

import itertools
import shlex
import shutil
from functools import partial
from pathlib import Path

import pytest
import torch
import torchvision
from click.testing import CliRunner

from robench.cli import main
from robench.models import torchvision_models
from robench.models.request import sha256_of
from tests.documented_world import furnish, write_runs
from tests.documents import DOCUMENTS, ROOT, robench_commands

CIFAR = "cifar-10-c"
# What a document's commands find in runs/.
RUNS: dict[str, dict[str, str]] = {
    "docs/reading_a_report.md": {"standard": CIFAR, "augmix": CIFAR},
    "docs/reports.md": {"standard": CIFAR, "augmix": CIFAR, "mine": CIFAR},
    "docs/statistics.md": {
        "standard": CIFAR, "augmix": CIFAR, "resnet20": CIFAR, "wrn": CIFAR, "allconvnet": CIFAR,
        "main": "imagenet-c", "branch": "imagenet-c",
    },
}  # fmt: skip
# What "..." stands for, where the command does not say otherwise itself.
NETWORK = {"--model": "resnet20.th", "--arch": "resnet20", "--normalisation": "imagenet"}
LEFT_OUT = {
    "eval": NETWORK | {"--suite": CIFAR, "--data-dir": "data"},
    "train": {"--dataset": "cifar-10", "--data-dir": "data", "--arch": "resnet20"},
}  # fmt: skip
SHORT = {"train": ["--epochs", "1", "--batch-size", "4"]}
IN_THE_PLACE_OF = {"--limit": "30", "--shard": "16/16", "--count": "8"}
# Only the network has what they fetch; tests/download has a server of its own.
FETCHES = ("robench download cifar-10-c --data-dir data",)
# A gate or a check that finds something says so by its exit.
MAY_EXIT_WITH_1 = ("compare", "doctor", "verify")

pytestmark = [pytest.mark.documents, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root: Path = tmp_path_factory.mktemp("world")
    furnish(root)
    return root


def as_given(command: str) -> list[str]:
    """Return the words after ``robench``, with what an ellipsis leaves out and what makes them short."""
    words = shlex.split(command, comments=True)[1:]
    name = words[0]
    if "..." in words:
        at = words.index("...")
        usual = LEFT_OUT[name] | {"--out": "runs/short"}
        added = {key: value for key, value in usual.items() if key not in words}
        if "--model" in words:  # another network, which knows more of itself
            added = {key: value for key, value in added.items() if key not in NETWORK}
        words[at : at + 1] = itertools.chain.from_iterable(added.items())
    if "ckpt.pt" in words and "imagenet-c" not in words:  # it is of ImageNet's classes here
        words = ["net.pt" if word == "ckpt.pt" else word for word in words]
    words += SHORT.get(name, [])
    if name == "train" and not {"--eval", "--ensemble"} & set(words):
        words.append("--no-eval")
    for option, value in IN_THE_PLACE_OF.items():
        if option in words:
            words[words.index(option) + 1] = value
    expanded = [sorted(map(str, Path().glob(word))) if "*" in word else [word] for word in words]
    assert all(expanded), command
    return list(itertools.chain.from_iterable(expanded))


def run(words: list[str]) -> None:
    """Run a command in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["robench", *words])
        result = CliRunner().invoke(main, words)
    allowed = (0, 1) if words[0] in MAY_EXIT_WITH_1 else (0,)
    unforeseen = result.exception and not isinstance(result.exception, SystemExit)
    assert not unforeseen, result.exc_info
    assert result.exit_code in allowed, result.output


def make_room(out: Path, command: str, made: set[Path]) -> None:
    """Remove what is in a run's place: of the world, or of another training, to which a document names alternatives."""
    if out.is_dir() and (out not in made or command == "train"):
        shutil.rmtree(out)
    made.add(out)


@pytest.mark.parametrize(
    "document", [path for path in DOCUMENTS if robench_commands(path.read_text("utf-8"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)  # fmt: skip
def test_the_commands_of_a_document_run(
    document: Path, furnished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    write_runs(tmp_path, RUNS.get(str(document.relative_to(ROOT)), {}))
    write_runs(tmp_path / "nested", {"trained/cifar-10-c": CIFAR})
    (tmp_path / "nested/results").symlink_to(ROOT / "results")
    monkeypatch.setattr(torchvision_models, "_published_file", partial(untrained, tmp_path))
    monkeypatch.setattr(torchvision_models, "_checked_digest", sha256_of)
    made: set[Path] = set()
    for command in robench_commands(document.read_text(encoding="utf-8")):
        if command in FETCHES:
            continue
        monkeypatch.chdir(tmp_path / "nested" if "*" in command else tmp_path)
        words = as_given(command)
        if "--out" in words:
            make_room(Path(words[words.index("--out") + 1]), words[0], made)
        run(words)


def untrained(folder: Path, name: str, weights: object) -> Path:
    """Return a file of weights of a network of torchvision that nobody trained, in the place of the published one."""
    torch.manual_seed(0)
    file = folder / f"{name}.pth"
    torch.save(torchvision.models.get_model(name, weights=None).state_dict(), file)
    return file
