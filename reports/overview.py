"""A report on everything below some folders: a page for each suite and protocol, and an index in front of them."""

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from reports.article import Article, Section
from reports.content import Content, compose
from reports.folder import ReportFolder, check_formats, report_folder
from reports.formats import put_article
from reports.found_runs import FoundRuns, find_runs
from reports.grids import attack_grid
from reports.index import (
    Index,
    IndexLink,
    IndexPage,
    IndexRow,
    TrainingRow,
    best_first,
    next_commands,
)
from reports.leaderboard import choose_metric, rank
from reports.leaderboard_entries import METRICS, entries_of, protocols_of, published_entries
from reports.leaderboard_text import leaderboard_article
from reports.page.index import index_html
from reports.paper.opened import place_runs, without_conflicts
from reports.paper.paper import placed_article, shown_in
from reports.protocol import protocol
from reports.report import put_report
from reports.results import Results, ScoredRun, open_finished, results_of, score_run
from reports.tables.attacks import Attack, attacks, open_attack
from reports.training import TrainingRun, article_of, open_training, training_names
from robench.errors import RobenchError

PAPER = "augmix"
DRAWING_PART = 0.6  # of a page's time is spent on its figures


@dataclass(frozen=True)
class Overview:
    """What was written: the index, how many runs are shown, and a sentence for each folder that is not."""

    page: Path
    runs: int
    left_out: tuple[str, ...]


@dataclass
class _Material:
    """Everything that could be read, and folder -> why another could not."""

    evaluations: list[ScoredRun] = field(default_factory=list)
    trainings: list[TrainingRun] = field(default_factory=list)
    attacks: list[Attack] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def not_shown(self) -> list[str]:
        """Return "FOLDER: REASON" of what is left out, the folder once."""
        return [why if what in why else f"{what}: {why}" for what, why in self.left_out.items()]


def write_overview(
    folders: Sequence[Path],
    out: Path,
    *,
    formats: Iterable[str] = (),
    data_dir: Path | None = None,
    progress: Callable[[float], object] = lambda part: None,
) -> Overview:
    """Write ``index.html`` and behind it a page for each suite and protocol, the training curves, a paper's tables.

    A run that cannot be read is named on the index with the reason and keeps no other from being shown; so is data in
    ``data_dir`` that is not a page's. Without any run there are the published tables. The same runs always give the
    same bytes.

    Args:
        folders: whose runs are shown, in and below them; a folder that is not there holds none.
        out: the folder to write into; made if need be. What an earlier overview wrote there is replaced.
        formats: of ``html``, ``markdown``, ``latex``, ``csv`` and ``json``; all when none is given.
        data_dir: the folder of the data that runs were evaluated on.
        progress: is told after each step which part of the whole it was.

    Raises:
        RobenchError: for an unknown format or one without ``html``, which the index links to, and a folder that cannot
        be written.
    """
    chosen = check_formats(formats)
    if "html" not in chosen:
        raise RobenchError("an index needs pages to lead to: give --format html too, or name runs")
    found = find_runs(folder for folder in folders if folder.is_dir())
    steps = _Steps(found, progress)
    material = _read(found, steps)
    with report_folder(Path(out), "index") as folder:
        groups = _groups([each.run for each in material.evaluations])
        pages = []
        for place, members in groups.items():
            scored = [material.evaluations[number] for number in members]
            page = _write_page(place, scored, folder, chosen, data_dir, material.left_out, steps)
            pages += [page] if page else []
        trainings = _write_trainings(material.trainings, folder, chosen)
        steps.take(1)
        index = Index(
            title=_title(folders),
            facts=_facts(material),
            pages=tuple(pages),
            training_href="training/report.html" if trainings else "",
            trainings=trainings,
            links=tuple(
                each
                for each in (
                    _write_attacks(material.attacks, folder, chosen),
                    _write_paper(material.evaluations, folder, chosen),
                    _write_leaderboard(material, folder, chosen),
                )
                if each is not None
            ),
            left_out=tuple(material.not_shown()),
            commands=next_commands(pages, trainings),
        )
        steps.take(2)
        written = folder.write("index.html", index_html(index).encode())
    shown = len(material.evaluations) + len(material.trainings) + len(material.attacks)
    return Overview(written, shown, tuple(material.not_shown()))


class _Steps:
    """Tells parts of the whole work, whose amount goes by the numbers of runs and cannot be known exactly."""

    def __init__(self, found: FoundRuns, progress: Callable[[float], object]) -> None:
        self._progress = progress
        # A run is read and scored, and then shown; four steps are for what is there once.
        self._whole = 3 * len(found.evaluations) + len(found.trainings) + len(found.attacks) + 3

    def take(self, steps: float) -> None:
        self._progress(steps / self._whole)


def _read(found: FoundRuns, steps: _Steps) -> _Material:
    material = _Material()

    def kept(opened: list[Any], path: Path, read: Callable[[Path], Any]) -> None:
        try:
            opened.append(read(path))
        except RobenchError as error:
            material.left_out[str(path)] = str(error)
        steps.take(1)

    for path in found.evaluations:
        kept(material.evaluations, path, lambda each: score_run(open_finished(each)))
    for path in found.trainings:
        kept(material.trainings, path, open_training)
    for path in found.attacks:
        kept(material.attacks, path, open_attack)
    return material


def _groups(runs: Sequence[Any]) -> dict[tuple[str, str], list[int]]:
    """Return (suite, protocol in words) -> the positions of its runs; those of most images come first.

    Runs of the same words that a page would refuse to put together (they differ in their seed, or were shown other
    outside images) are pages of their own.
    """
    found: dict[tuple[str, str], dict[tuple[str, ...], list[int]]] = {}
    for number, (run, place) in enumerate(zip(runs, protocols_of(runs), strict=True)):
        identity = tuple(each for each, _ in protocol(run.info).values())
        outside = tuple(str(each.info["data"]["manifest_sha256"]) for each in run.outside())
        found.setdefault(place, {}).setdefault((*identity, *outside), []).append(number)
    groups = {}
    for (suite, words), parts in found.items():
        for number, members in enumerate(parts.values(), start=1):
            shown = f"{words}, {number}" if len(parts) > 1 else words
            groups[suite, shown] = members

    def order(place: tuple[str, str]) -> tuple[str, int, str]:
        suite, words = place
        return suite, -int(runs[groups[place][0]].info["data"]["images"]), words

    return {place: groups[place] for place in sorted(groups, key=order)}


def _write_page(
    place: tuple[str, str],
    scored: Sequence[ScoredRun],
    folder: ReportFolder,
    formats: Sequence[str],
    data_dir: Path | None,
    left_out: dict[str, str],
    steps: _Steps,
) -> IndexPage | None:
    """Write the page of one suite and protocol and return what the index says of it; None where it cannot be made."""
    suite, words = place
    results = results_of(scored)
    amount = 2 * len(scored)
    try:
        content = _content(results, data_dir, left_out)
    except RobenchError as error:
        left_out |= {str(each.run.path): f"no page can be made of it: {error}" for each in scored}
        steps.take(amount)
        return None
    steps.take(amount * (1 - DRAWING_PART))
    name = _free_name(suite, folder)

    def drawn(part: float) -> None:
        steps.take(amount * DRAWING_PART * part)

    put_report(content, results, folder.below(name), formats, drawn)
    table = pd.DataFrame(entries_of([(each.run, each.table) for each in scored]))
    whole = [len(each.run.conditions()) >= len(each.run.info["conditions"]) for each in scored]
    metric = choose_metric(table[whole]) or choose_metric(table)
    rows = [
        _row(results.names[position], position, each, table.iloc[position], metric)
        for position, each in enumerate(scored)
    ]
    heading = METRICS[metric][1] if metric else ""
    href = f"{name}/report.html"
    adds = metric == "mean_uce"
    return IndexPage(suite, words, href, heading, adds, best_first(rows))


def _content(results: Results, data_dir: Path | None, left_out: dict[str, str]) -> Content:
    if data_dir is not None:
        try:
            return compose(results, (), data_dir)
        except RobenchError as error:
            suite = results.infos[0]["suite"]
            left_out[f"the images of {suite} in {data_dir}"] = str(error)
    return compose(results)


def _free_name(suite: str, folder: ReportFolder) -> str:
    taken = {file.parts[0] for file in folder.written}
    number, name = 1, suite
    while name in taken:
        number += 1
        name = f"{suite}-{number}"
    return name


def _row(
    name: str, position: int, scored: ScoredRun, entry: "pd.Series[Any]", metric: str
) -> IndexRow:
    run, info = scored.run, scored.run.info
    asked, finished = len(info["conditions"]), len(run.conditions())
    command = [str(word) for word in info["command"]]
    unfinished = f"{finished} of {asked} conditions" if finished < asked else ""
    value, low, high = (float(entry.get(f"{metric}{end}", "nan")) for end in ("", "_low", "_high"))
    return IndexRow(
        name,
        position,
        shlex.quote(str(run.path)),
        float(entry.get("error", "nan")),
        value,
        low,
        high,
        _date(info),
        unfinished,
        shlex.join(command) if unfinished else "",
        run.keeps_records,
    )


def _date(info: Any) -> str:
    return str(info.get("finished") or info.get("started") or "")[:10]


def _write_trainings(
    runs: Sequence[TrainingRun], folder: ReportFolder, formats: Sequence[str]
) -> tuple[TrainingRow, ...]:
    if not runs:
        return ()
    put_article(*article_of(runs), folder.below("training"), "report", formats)
    rows = []
    for position, (name, run) in enumerate(zip(training_names(runs), runs, strict=True)):
        info = run.info
        epochs = f"{int(run.log['epoch'].max())} of {info['recipe']['epochs']}"
        what = f"{info['method']}, {info['architecture']}, {info['dataset']}"
        errors = tuple(run.log["test_error"].astype(float))
        evaluate = "" if find_runs([run.path]).evaluations else run.evaluation()
        rows.append(TrainingRow(name, position, what, epochs, errors, _date(info), evaluate))
    return tuple(rows)


def _write_attacks(
    opened: Sequence[Attack], folder: ReportFolder, formats: Sequence[str]
) -> IndexLink | None:
    grid = attack_grid([each.path for each in opened])
    if grid is None:
        return None
    many = "s" if len(opened) > 1 else ""
    facts = (
        f"{len(opened)} attack{many}: the error when an adversary may change every image a little"
    )
    notes = ("An attack finds a lower bound of the error under attack: a stronger one finds more.",)
    article = Article("Under attack", facts, (Section("Errors", grids=(grid,), notes=notes),))
    rows = attacks([each.path for each in opened]).reset_index()
    put_article(article, rows, folder.below("attacks"), "report", formats)
    return IndexLink("Under attack", "attacks/report.html", facts)


def _write_paper(
    scored: Sequence[ScoredRun], folder: ReportFolder, formats: Sequence[str]
) -> IndexLink:
    runs, conflicts = without_conflicts(place_runs(scored))
    shown = shown_in(PAPER, runs)
    article, rows = placed_article(PAPER, shown)
    put_article(article, rows, folder.below(PAPER), "paper", formats)
    labels = {run.label for run in shown_in(PAPER, place_runs(scored))}
    notes = tuple(f"Without {name}: {why}." for name, why in conflicts.items() if name in labels)
    return IndexLink(article.title, f"{PAPER}/paper.html", article.facts, notes)


def _write_leaderboard(
    material: _Material, folder: ReportFolder, formats: Sequence[str]
) -> IndexLink | None:
    rows = entries_of([(each.run, each.table) for each in material.evaluations])
    shown = {row["suite"] for row in rows}
    rows += [row for row in published_entries() if row["suite"] in shown]
    board = rank(rows, {}) if rows else None
    if board is None or not board.rankings:
        return None
    article, table = leaderboard_article(board)
    put_article(article, table, folder.below("leaderboard"), "leaderboard", formats)
    return IndexLink("Leaderboard", "leaderboard/leaderboard.html", article.facts)


def _title(folders: Sequence[Path]) -> str:
    return f"Robustness: {', '.join(str(each) for each in folders)}"


def _facts(material: _Material) -> str:
    counts = {
        "evaluation": len(material.evaluations),
        "training": len(material.trainings),
        "attack": len(material.attacks),
    }
    said = [f"{count} {what}{'s' if count > 1 else ''}" for what, count in counts.items() if count]
    return " · ".join(said) or "No run yet: the published numbers alone"
