"""Every command, link, path and Python name in the documents and the examples of ``--help`` is one that exists."""

import inspect
import pkgutil
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
import pytest
from click.core import ParameterSource
from torchvision.models import list_models

import corruptions
from baselines import architectures
from reports.formats import check_formats
from reports.page import document
from reports.paper.papers import PAPERS
from robench import datasets, download, suites
from robench.cli import COMMANDS, main
from robench.comparison import Gate
from robench.errors import RobenchError
from robench.export import FORMATS
from robench.models import NORMALISATIONS
from robench.models import registry as model_sources
from robench.shard import Shard
from robench.suites.subset import SUBSETS
from robench.training.recipe import RECIPES, SCHEDULES
from robench.version import VERSION
from tests.documents import (
    DOCUMENTS,
    ROOT,
    anchors,
    blocks,
    links,
    mentioned_commands,
    robench_commands,
    shell_commands,
    spans,
)

# RUN, DIR, SUITE and the like stand for what the reader puts there.
PLACEHOLDER = re.compile(r"[A-Z][A-Z_]*(\.\.\.)?")
OWN_FOLDERS = ("baselines", "benchmarks", "corruptions", "docs", "reports", "robench", "tests")
OWN_PATH = re.compile(rf"(?:{'|'.join(OWN_FOLDERS)})/[\w./-]*")
OWN_NAME = re.compile(r"((?:corruptions|robench|reports|baselines)(?:\.\w+)+)\(?.*")


def one_of(*names: Iterable[str]) -> Callable[[str], object]:
    known = {name for part in names for name in part}

    def check(value: str) -> None:
        assert value in known, f"{value} is not one of {sorted(known)}"

    return check


def each(check: Callable[[str], object], separator: str = ",") -> Callable[[str], None]:
    def check_each(value: str) -> None:
        for part in value.split(separator):
            check(part)

    return check_each


def check_architecture(value: str) -> None:
    name = value.removeprefix("anti-aliased:")
    if name.startswith("torchvision:"):
        one_of(list_models())(name.removeprefix("torchvision:"))
    elif not name.startswith("timm:"):
        one_of(architectures.registry())(name)


def check_model(value: str) -> None:
    claimed = any(source.claims(value) for source in model_sources().values())
    assert claimed or (":" not in value and Path(value).suffix), f"{value} names no model"
    if value.startswith("torchvision:"):
        one_of(list_models())(value.removeprefix("torchvision:").split("@")[0])


def check_inside(value: str) -> None:
    assert "/" in value or value in suites.registry()


CORRUPTIONS = one_of(corruptions.families(), corruptions.perturbation_names())
CHECKS: dict[str, Callable[[Any], object]] = {
    "architectures": check_architecture,
    "arch": check_architecture,
    "corruptions": each(CORRUPTIONS),
    "dataset": one_of(datasets.registry(), ["folder"]),
    "evaluated": one_of(suites.registry()),
    "formats": each(lambda value: check_formats([value]), "|"),
    "format_": each(one_of(FORMATS), "|"),
    "gates": Gate.parse,
    "inside": check_inside,
    "mode": one_of(["auto", "folder", "on-the-fly"]),
    "names": each(CORRUPTIONS),
    "norm": one_of(["linf", "l2"]),
    "normalisation": one_of(NORMALISATIONS),
    "outside": check_inside,
    "paper": one_of(PAPERS),
    "perturbation": CORRUPTIONS,
    "precision": one_of(["fp32", "bf16"]),
    "preset": one_of(corruptions.PRESETS),
    "recipe": one_of(RECIPES),
    "schedule": one_of(SCHEDULES),
    "seeds": each(int),
    "severities": each(one_of(map(str, corruptions.SEVERITIES))),
    "shard": Shard.parse,
    "specs": check_model,
    "subset": one_of(SUBSETS),
    "suite": one_of(suites.registry()),
}


def checked(command: str, complete: bool = True) -> click.Context:
    """Parse a command as the terminal does, without running it; raise or assert where it is wrong."""
    words = list(takewhile(lambda word: word != ">", shlex.split(command, comments=True)[1:]))
    complete = complete and "..." not in words
    words = [word for word in words if word != "..."]
    name, found, context = "robench", main, click.Context(main)
    while isinstance(found, click.Group) and words and words[0] in found.list_commands(context):
        name = words.pop(0)
        inner = found.get_command(context, name)
        assert inner is not None
        found, context = inner, click.Context(inner, parent=context, info_name=name)
    if isinstance(found, click.Group) and words and words[0][0] != "-":
        assert PLACEHOLDER.fullmatch(words[0]), f"no such command: {words[0]}"
        return context
    parsed = parse(found, name, words, complete)
    if name == "eval" and complete and words:  # which complains of these itself, with all else
        assert parsed.params["specs"], "no --model"
        assert parsed.params["suite"], "no --suite"
    for key, value in parsed.params.items():
        given = parsed.get_parameter_source(key) is ParameterSource.COMMANDLINE
        for single in value if isinstance(value, tuple) else (value,):
            if given and isinstance(single, str) and not PLACEHOLDER.fullmatch(single):
                CHECKS.get(key, str)(single)
    return parsed


def parse(command: click.Command, name: str, words: list[str], complete: bool) -> click.Context:
    """Parse the words after a command's name; of an incomplete one, or the bare name, what is missing may be."""
    if not words:
        return click.Context(command)
    try:
        return command.make_context(name, list(words))
    except click.exceptions.Exit:  # --help
        return click.Context(command)
    except click.MissingParameter as error:
        if complete or error.param is None:
            raise
        flag = [error.param.opts[0]] if isinstance(error.param, click.Option) else []
        return parse(command, name, [*words, *flag, "MISSING"], complete)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def documented() -> Iterator[Any]:
    """Yield every command of the documents and of the examples of ``--help``, and whether it is whole."""
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for command in robench_commands(text):
            yield pytest.param(command, True, id=f"{relative(path)}: {command}")
        for command in mentioned_commands(text):
            yield pytest.param(command, False, id=f"{relative(path)}: {command}")
    for name in COMMANDS:
        found = main.get_command(click.Context(main), name)
        assert found is not None
        assert found.epilog
        for command in robench_commands(found.epilog, indent=2):
            yield pytest.param(command, True, id=f"{name} --help: {command}")


@pytest.mark.parametrize(("command", "whole"), list(documented()))
def test_a_command_in_a_document_can_be_given(
    command: str, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_dir", lambda path: True)  # its folders are those of the reader
    context = checked(command, whole)
    suite = context.params.get("name")
    if context.info_name == "download" and suite is not None and suite.islower():
        download.known(suite)


@pytest.mark.parametrize(
    "command",
    [
        "robench evaluate --suite cifar-10-c",
        "robench eval --modle net.pt --suite cifar-10-c --out runs/a",
        "robench eval --model net.pt --out runs/a",
        "robench eval --model net.pt --suite cifar-10-x --out runs/a",
        "robench eval ... --severities 1,6",
        "robench train augmixx ...",
        "robench train cutout --arch wrn-40-3 ...",
        'robench compare runs/a runs/b --fail-if "mce above 1"',
        "robench report runs/a --format pdf --out report",
    ],
)
def test_a_wrong_command_would_be_noticed(command: str) -> None:
    with pytest.raises((click.ClickException, RobenchError, AssertionError)):
        checked(command)


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for link in links(text):
        if re.match(r"https?://", link):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{link}: no such file"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{link}: no such heading"


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_every_path_make_target_and_name_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    shell = [command for block in blocks(text, "bash") for command in shell_commands(block)]
    for span in [*spans(text), *map(shlex.join, shell)]:
        words = span.split()
        if words[0] == "make" and len(words) > 1:
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), span
        for word in words:
            if OWN_PATH.fullmatch(word):
                assert (ROOT / word).exists(), span
        if (match := OWN_NAME.fullmatch(span)) and Path(match[1]).suffix != ".md":
            pkgutil.resolve_name(match[1])


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_python_in_documents_compiles(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "python"):
        compile(block, str(path), "exec")


def test_the_citation_is_of_this_version() -> None:
    text = (ROOT / "docs" / "citing.md").read_text(encoding="utf-8")
    assert set(re.findall(r"robench (\d[\w.]*\w)", text)) == {VERSION}
    assert f"{{Version {VERSION}}}" in text


def test_the_readme_leads_to_every_document() -> None:
    linked = {link.partition("#")[0] for link in links((ROOT / "README.md").read_text("utf-8"))}
    assert {relative(path) for path in DOCUMENTS} - linked == {"README.md"}


def test_every_section_of_a_report_is_explained() -> None:
    titles = re.findall(r'": \(\s*"([^"]+)",', inspect.getsource(document.sections))
    assert len(titles) > 10
    text = (ROOT / "docs" / "reading_a_report.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert not set(titles) - set(headings)
