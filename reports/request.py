"""What commands on runs are asked for: checked as a whole, before anything that is slow to load."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.folder import REPORT_FOLDER, check_formats, check_place
from reports.found_runs import RUN, find_runs, is_attack, is_training
from reports.paper.papers import paper_named
from robench.errors import RobenchError
from robench.places import RUNS_FOLDER

PUBLISHED = "published:"  # how a published model's name begins


@dataclass(frozen=True)
class Request:
    """A report that can be written.

    Attributes:
        folders: everything below them is to be shown, on pages behind an index; empty for a report on ``runs`` alone.
        runs: run folders and names of published models, on one page or in a paper's tables.
        out: the folder to write into.
        formats: to write in.
    """

    folders: tuple[Path, ...]
    runs: tuple[Path, ...]
    out: Path
    formats: tuple[str, ...]


def check_request(
    given: Sequence[Path],
    out: Path | None = None,
    formats: Iterable[str] = (),
    *,
    data_dir: Path | None = None,
    mixed: bool = False,
    paper: str | None = None,
    any_recipe: bool = False,
    pooled: bool = False,
) -> Request:
    """Tell named runs from folders of runs, and refuse at once whatever cannot be done.

    Folders of runs stand for all evaluations and attacks below them where one page or a paper's tables are asked for.

    Raises RobenchError that names every complaint: an unknown format or paper, options that do not go together, what is
    no run and holds none, a run that is given twice, and a place that cannot be written or is somebody else's.
    """
    complaints: list[str] = []
    chosen: tuple[str, ...] = ()
    try:
        chosen = check_formats(formats)
    except RobenchError as error:
        complaints.append(str(error))
    if paper is not None:
        try:
            paper_named(paper)
        except RobenchError as error:
            complaints.append(str(error))
        if mixed:
            complaints.append("--mixed has no meaning with --paper: each run goes to its own cell")
    elif any_recipe or pooled:
        complaints.append("--any-recipe and --pooled go with --paper; give --paper augmix or ipmix")
    if data_dir is not None and not data_dir.is_dir():
        complaints.append(f"--data-dir {data_dir} is no folder")
    complaints += _twice(given)
    folders, runs = [] if given or paper else [RUNS_FOLDER], list[Path]()
    for path in dict.fromkeys(given):
        if str(path).startswith(PUBLISHED) or _is_one_run(path):
            runs.append(path)
        elif found := find_runs([path]).every:
            if paper or mixed:
                runs += [each for each in found if not is_training(each) and each not in runs]
            else:
                folders.append(path)
        else:
            what = "holds no run" if path.is_dir() else "does not exist"
            complaints.append(f"{path} is not a run directory: it {what}")
    if folders and chosen and "html" not in chosen:
        complaints.append(
            "the index of a folder of runs leads to pages: give --format html too, or name the runs"
        )
    models = [str(path) for path in runs if str(path).startswith(PUBLISHED)]
    if folders and models:
        complaints.append(f"{models[0]} stands beside named runs, not beside folders of them")
    place = out or REPORT_FOLDER
    try:
        check_place(place, named=out is not None)
    except RobenchError as error:
        complaints.append(str(error))
    if complaints:
        raise RobenchError(in_one_line(complaints))
    if folders:
        return Request((*folders, *runs), (), place, chosen)
    return Request((), tuple(runs), place, chosen)


def check_board(folder: Path, out: Path | None, formats: Sequence[str]) -> tuple[str, ...]:
    """Return the formats to write a leaderboard in; raise RobenchError that names every complaint."""
    complaints, chosen = [], tuple[str, ...]()
    if not folder.is_dir():
        complaints.append(f"no folder {folder}; name the one that your runs are in")
    if formats and out is None:
        complaints.append("--format goes with --out; give a folder to write into")
    try:
        chosen = check_formats(formats)
        if out is not None:
            check_place(out, named=True)
    except RobenchError as error:
        complaints.append(str(error))
    if complaints:
        raise RobenchError(in_one_line(complaints))
    return chosen


def check_named_runs(runs: Sequence[str | Path]) -> list[str]:
    """Return a complaint for each path that is no run's folder, and each that is given twice."""
    complaints = _twice([Path(run) for run in runs])
    for run in dict.fromkeys(map(Path, runs)):
        if not str(run).startswith(PUBLISHED) and not (run / RUN).exists():
            what = "has no run.json" if run.is_dir() else "does not exist"
            complaints.append(f"{run} is not a run directory: it {what}")
    return complaints


def in_one_line(complaints: Sequence[str]) -> str:
    """Return complaints as one message, numbered where there are several."""
    if len(complaints) == 1:
        return complaints[0]
    return "; ".join(f"({number}) {each}" for number, each in enumerate(complaints, start=1))


def _is_one_run(path: Path) -> bool:
    """Is it an evaluation or an attack, or a training run without any other run below it?"""
    if is_training(path):
        return len(find_runs([path]).every) == 1
    return (path / RUN).exists() or is_attack(path)


def _twice(given: Sequence[Path]) -> list[str]:
    places = [path if str(path).startswith(PUBLISHED) else path.resolve() for path in given]
    repeated = [path for number, path in enumerate(given) if places[number] in places[:number]]
    return [f"{path} is given twice; name each run once" for path in dict.fromkeys(repeated)]
