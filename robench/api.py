"""``robench.evaluate``: a model and a suite in, a table of scores out; what ``robench eval`` does, and from Python.

What is not said is looked for: data, network, normalisation, the run's folder; and what was assumed is told.
"""

import atexit
import copy
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robench.arguments import argument
from robench.errors import RobenchError
from robench.order import Opened, Order, open_order
from robench.places import OWN_PICTURES, choose_run_folder, folder_name, taken_folders

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from robench.forecast import Forecast
    from robench.models import Model, Normalisation
    from robench.records import Run
    from robench.scoring import Scores
    from robench.suites import Condition

    AnyModel = str | Path | Model | Callable[[torch.Tensor], torch.Tensor]

EMBEDDED = ("digits",)  # datasets that come with robench, of which no folder need be told


@dataclass(frozen=True, eq=False)
class Result:
    """An evaluation that was done; shown as its table in a notebook and in a terminal.

    Attributes:
        run: the run directory, with one record per image and condition.
        assumed: what was assumed because nobody said it, in sentences.
        failed: per condition that could not be evaluated the reason.
        stored: the scores, where they are at hand.
    """

    run: "Run"
    assumed: tuple[str, ...] = ()
    failed: "dict[Condition, str]" = field(default_factory=dict)
    stored: "Scores | None" = field(default=None, repr=False)

    @property
    def path(self) -> Path:
        """The folder of the run."""
        return self.run.path

    @property
    def scores(self) -> "pd.DataFrame":
        """The tidy scores, with 95% intervals: the columns of ``robench.scoring.COLUMNS``."""
        return self.scored.table

    @property
    def refused(self) -> "pd.DataFrame":
        """What has no score: columns score, reason."""
        import pandas as pd

        return pd.DataFrame(list(self.scored.refused.items()), columns=["score", "reason"])

    @cached_property
    def scored(self) -> "Scores":
        """The scores and the reasons where there are none, as ``robench.scoring.score`` gives them."""
        from robench import scoring

        return scoring.score(self.run) if self.stored is None else self.stored

    def failure_sentence(self) -> str | None:
        """Return one line on the conditions that could not be evaluated, or None where all were."""
        if not self.failed:
            return None
        from robench.evaluation import Evaluation

        return Evaluation(self.run, self.failed).failure_sentence()

    def __repr__(self) -> str:
        from reports.terminal import error_table

        return "\n".join([self._title(), error_table(self.scored, self.run.info), *self._notes()])

    def _repr_html_(self) -> str:
        from reports.terminal import error_table_html

        return error_table_html(self.scored, self.run.info, self._title(), self._notes())

    def _title(self) -> str:
        return f"{self.run.name} on {self.run.info['suite']} ({self.path})"

    def _notes(self) -> list[str]:
        failure = self.failure_sentence()
        return [*self.assumed, *([failure] if failure else [])]


def evaluate(
    model: "AnyModel | Sequence[str | Path] | None",
    suite: str | None,
    *,
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    runs: str | Path | None = None,
    normalisation: "str | Normalisation | tuple[Sequence[float], Sequence[float]] | None" = None,
    architecture: str | Sequence[str] | None = None,
    weights: str | None = None,
    name: str | None = None,
    corruptions: Sequence[str] | None = None,
    severities: Sequence[int] | None = None,
    limit: int | None = None,
    subset: str | None = None,
    preset: str | None = None,
    size_px: int | None = None,
    classes: str | Path | Sequence[str] | None = None,
    mode: str = "auto",
    baseline: str | Path | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    device: str | None = None,
    precision: str = "fp32",
    compiled: bool = False,
    temperature: float | str | None = None,
    shard: str | None = None,
    resume: bool = False,
    strict: bool = False,
    unsafe_load: bool = False,
    guess: bool = True,
    ensemble: bool = False,
    progress: bool = False,
    say: Callable[[str], object] = lambda line: None,
    command: Sequence[str] = (),
) -> Result:
    """Evaluate a model on a suite and return its scores.

    The same evaluation again continues where it was stopped, or returns what is finished; nothing that is stored is
    computed again, and nothing is ever overwritten.

    Args:
        model: a network, a function from float32 (N, 3, H, W) to logits (N, classes), a ``robench.models.Model``, or
            what ``--model`` takes: a file, ``"timm:NAME"``, ...; several of these where ``ensemble``.
        suite: a name of ``robench list suites``, such as ``"cifar-10-c"``.
        data_dir: the folder that holds the datasets' own folders. When None, ``$ROBENCH_DATA``, ``data`` or the working
            folder, the first that has the data.
        out: the run directory. When None, one below ``runs``, or without that a temporary one, which is removed when
            Python ends.
        runs: the folder below which the run is put into ``<model>/<suite>``, or, where that is another run, into the
            next free name.
        normalisation: a name such as ``"imagenet"``, or mean and std, three numbers each for images in [0, 1]. When
            None, what the file or library says; where nothing says it, it is measured on clean images.
        architecture: of files that hold weights only; found by their keys and shapes when None.
        weights: which set of weights, by its key, of a file that holds several; the only average (EMA) when None.
        name: how tables call the model.
        corruptions: only these; all of the suite when None.
        severities: only these.
        limit: evaluate this many images, spread evenly over the classes.
        subset: or a part that is known by name.
        preset: whose constants to use, for the suite ``folder`` only.
        size_px: the side of the squares that the network is shown, for the suite ``folder`` only. When None, that which
            the checkpoint was tested at in training or the file takes, else squares stay as they are and other pictures
            get the preset's size.
        classes: the class folders in the order of the network's outputs, for the suite ``folder`` only: names, or a
            file with one a line. When None, the folders' names, sorted.
        mode: ``"folder"`` for the official corrupted images, ``"on-the-fly"`` for clean ones that are corrupted while
            evaluating, ``"auto"`` for whichever is there.
        baseline: a run of another network that mCE, mFR and mT5D divide by.
        seed: of corruptions on the fly.
        batch_size: images per forward pass; the fastest in a short measurement when None.
        device: of torch, such as ``"cuda"``; a GPU if there is one when None.
        precision: ``"fp32"`` or ``"bf16"``.
        compiled: use ``torch.compile``.
        temperature: what logits are divided by, a number or ``"fit"``.
        shard: do this part of the work only, such as ``"3/16"``; parts share ``out``.
        resume: continue the run of a function in no file, of which nothing else tells that it is the same.
        strict: refuse a model trained with operations that overlap with test corruptions.
        unsafe_load: also load what can run code; only for files whose author you trust.
        guess: measure a normalisation that nothing says.
        ensemble: average the softmaxes of several models.
        progress: show a bar with the time left on stderr.
        say: is told, a line at a time, what is evaluated, what was assumed and what was noticed.
        command: the command line, to be recorded.

    Raises:
        RobenchError: for what cannot be evaluated, naming everything that is wrong with what was asked for. A single
            condition whose data is damaged or whose logits are not finite does not raise: it is left out, and named in
            ``Result.failed``.
    """
    order = Order(
        model=model,
        suite=suite,
        data_dir=data_dir,
        out=out,
        runs=runs,
        normalisation=normalisation,
        architecture=architecture,
        weights=weights,
        name=name,
        corruptions=corruptions,
        severities=severities,
        limit=limit,
        subset=subset,
        preset=preset,
        size_px=size_px,
        classes=classes,
        mode=mode,
        baseline=baseline,
        seed=seed,
        batch_size=batch_size,
        device=device,
        precision=precision,
        compiled=compiled,
        temperature=temperature,
        shard=shard,
        resume=resume,
        strict=strict,
        unsafe_load=unsafe_load,
        guess=guess,
        ensemble=ensemble,
        progress=progress,
        say=say,
        command=command,
    )
    return _carried_out(order, open_order(order))


def forecast(
    model: "AnyModel | Sequence[str | Path] | None", suite: str | None, **options: Any
) -> "Forecast":
    """Return what ``evaluate`` with these arguments would do and take, from a short measurement; write nothing."""
    order = Order(model=model, suite=suite, **options)
    opened = open_order(order)
    from robench.evaluation_forecast import forecast_evaluation

    found = _model(order, opened, lambda line: None)
    opened = _framed(order, opened, found)
    _describe(order, opened, found, order.say)
    out = _folder(order, opened, found, order.say)
    return forecast_evaluation(
        found,
        opened.benchmark,
        opened.conditions,
        out,
        same_run=_run_there(order, opened, found, out) if out else None,
        batch_size=order.batch_size,
        device=order.device,
        precision=order.precision,
        shard=order.part,
    )


def _carried_out(order: Order, opened: Opened) -> Result:
    from robench import scoring

    suite = opened.benchmark.suite
    divisor = scoring.open_baseline(order.baseline, suite) if order.baseline else None
    finished = _finished_before(order, opened)
    if finished is not None:
        order.say(f"model: {finished.name}")
        order.say(f"data: {finished.info['data']['description']}")
        order.say(f"run: {finished.path}, finished: nothing is computed again")
        scores = scoring.stored_or_written(finished, divisor)
        return Result(finished, tuple(finished.info["assumed"]), stored=scores)
    from robench import distributed, evaluation

    part = order.part if order.shard else distributed.rank_shard()
    speaks = order.shard is not None or part.number == 1  # the first of a torchrun, for all
    say = order.say if speaks else lambda line: None
    model = _model(order, opened, say)
    opened = _framed(order, opened, model)
    assumed = _describe(order, opened, model, say)
    out = _folder(order, opened, model, say) or _temporary_folder()
    say(f"run: {out}{_progress_of(_run_there(order, opened, model, out), opened)}")
    done = evaluation.evaluate(
        model,
        opened.benchmark,
        out,
        conditions=opened.conditions,
        batch_size=order.batch_size,
        device=order.device or distributed.rank_device(),
        precision=order.precision,
        compiled=order.compiled,
        temperature=order.temperature,
        shard=part,
        resume=order.resume,
        strict=order.strict,
        command=order.command,
        asked=order.asked(),
        assumed=assumed,
        progress=order.progress and speaks,
        say=say,
    )
    distributed.wait_for_all()
    if done.failed and not done.run.conditions():
        raise RobenchError(done.failure_sentence())
    begun = speaks and done.run.is_begun()
    stored = scoring.write_scores(done.run, divisor) if begun else None
    return Result(done.run, tuple(assumed), done.failed, stored)


def _finished_before(order: Order, opened: Opened) -> "Run | None":
    """Return the run of this very command if all of it is done, known without loading the model; None else."""
    asked = order.asked()
    folders = [Path(order.out)] if order.out is not None else []
    if order.runs is not None and order.out is None and order.specs:
        folders = taken_folders(_preferred(order, opened, ""))
    if asked is None or order.strict or order.shard is not None:
        return None
    from robench.records import open_run
    from robench.run_info import was_asked

    for folder in folders:
        if not (folder / "run.json").is_file():
            continue
        try:
            run = open_run(folder)
        except RobenchError:
            continue
        alike = was_asked(
            run.info,
            asked,
            opened.benchmark,
            precision=order.precision,
            temperature=order.temperature,
        )
        if alike and set(opened.conditions) <= set(run.conditions()):
            return run
    return None


def _model(order: Order, opened: Opened, say: Callable[[str], object]) -> "Model":
    """Return the model with all that has to be known of it, measured where nothing says it."""
    from robench import models
    from robench.doctor import complete_model
    from robench.inference import chosen_device

    chosen_device(order.device)
    classes = len(opened.benchmark.full.classes)
    given = order.normalisation
    if isinstance(given, tuple):
        given = models.chosen_normalisation(mean=given[0], std=given[1])
    elif isinstance(given, str):
        given = models.chosen_normalisation(given)

    def complete(model: "Model") -> "Model":
        for sentence in model.notes:  # of its reading; what is measured is told as it is
            say(f"note: {sentence}")
        shown = _framed(order, opened, model).benchmark
        return complete_model(model, shown, guess=order.guess, device=order.device, say=say)

    if order.specs is None:
        # A copy, so that the caller's network keeps its device and its mode: it may be in training.
        wrapped = models.wrap(order.model, normalisation=given, name=order.name)
        return complete(replace(wrapped, network=copy.deepcopy(wrapped.network)))
    return models.load_all(
        order.specs,
        classes=classes,
        architectures=order.architectures,
        normalisation=given,
        name=order.name,
        unsafe=order.unsafe_load,
        weights=order.weights,
        as_ensemble=order.ensemble,
        complete=complete,
    )


def _framed(order: Order, opened: Opened, model: "Model") -> Opened:
    """Return the user's own pictures at the size that the model was tested at or takes, where nobody names one."""
    from robench.suites import own_folder

    benchmark = opened.benchmark
    if benchmark.suite.dataset != OWN_PICTURES or order.size_px or order.preset:
        return opened
    framing = own_folder.framing_for(model.training, model.input_size_px)
    if framing is not None and framing != own_folder.framing_in_use(benchmark):
        sizes = (
            f"the pictures are shown at {framing.side_px} px, as the model was tested or takes them"
        )
        framed = own_folder.reframed(benchmark, framing)
        return replace(opened, benchmark=framed, notes=(*opened.notes, sizes))
    view = model.clean_view
    if framing is None and view is not None and view.crop_px != benchmark.size_px:
        side_px = view.crop_px[0]
        advice = (
            f"{view.origin} is tested at {side_px} px: {argument('size_px', side_px)} shows that"
        )
        return replace(opened, notes=(*opened.notes, advice))
    return opened


def _describe(
    order: Order, opened: Opened, model: "Model", say: Callable[[str], object]
) -> list[str]:
    """Say what is evaluated and what a reader of the numbers should know; return what of it was assumed."""
    from robench.contamination import contamination_of
    from robench.unfinished_training import unfinished_training

    benchmark = opened.benchmark
    shown, how = model, model.normalisation
    if how is not None and how.is_measured:  # which was told at length when it was measured
        shown = replace(model, normalisation=replace(how, origin="measured"))
    say(f"model: {shown.description()}")
    assumed = list(model.notes)
    found = ""
    if order.data_dir is None and benchmark.suite.dataset not in EMBEDDED:
        found = "the working folder" if opened.place == Path() else str(opened.place)
        assumed.append(f"the data was found in {found}")
    say(f"data: {benchmark.description()}{f', found in {found}' if found else ''}")
    warning = contamination_of(model.record()).sentence(model.name)
    if warning and benchmark.suite.corruptions:
        say(f"note: {warning}")
    if done := unfinished_training(model.record()):
        say(f"note: the checkpoint is of {done} of its training")
    for sentence in (*benchmark.notes(), *opened.notes):
        say(f"note: {sentence}")
    assumed += opened.notes
    if order.normalisation is None and not model.members:
        how = model.known_normalisation()
        mean, std = ([round(value, 4) for value in part] for part in (how.mean, how.std))
        assumed.append(f"normalisation: mean {mean}, std {std} ({how.origin})")
    return assumed


def _preferred(order: Order, opened: Opened, name: str) -> Path:
    """Return the folder that a run below ``runs`` has if it is free."""
    named = folder_name(order.name) if order.name else _name_of(order.specs or (name,))
    return Path(str(order.runs)) / named / opened.benchmark.suite.name


def _folder(
    order: Order, opened: Opened, model: "Model", say: Callable[[str], object]
) -> Path | None:
    """Return the run's folder, where it is not a temporary one: the one given, or the next free one below ``runs``."""
    if order.out is not None:
        return Path(order.out)
    if order.runs is None:
        return None

    def continues(folder: Path) -> bool:
        try:
            _run_there(order, opened, model, folder)
        except RobenchError:  # another run, or something else
            return False
        return True

    preferred = _preferred(order, opened, model.name)
    out = choose_run_folder(preferred, continues)
    if out != preferred:
        say(f"note: {_why_not(order, opened, model, preferred)}")
    return out


def _name_of(specs: Sequence[str]) -> str:
    return "+".join(folder_name(spec) for spec in specs)


def _run_there(order: Order, opened: Opened, model: "Model", out: Path) -> "Run | None":
    """Return the run of this very evaluation in a folder, None where that is free; raise RobenchError else."""
    from robench.evaluation import same_run

    resume = order.resume or order.shard is not None
    return same_run(model, opened.benchmark, out, order.precision, order.temperature, resume=resume)


def _why_not(order: Order, opened: Opened, model: "Model", folder: Path) -> str:
    """Return in a sentence what is in a run's usual folder that is not this run."""
    try:
        _run_there(order, opened, model, folder)
    except RobenchError as error:
        return str(error).removesuffix(f"; choose another {argument('out')}")
    return f"{folder} is in use"


def _progress_of(there: "Run | None", opened: Opened) -> str:
    if there is None:
        return ""
    wanted = set(opened.conditions)
    count = len(wanted & set(there.conditions()))
    if count == len(wanted):
        return ", finished: nothing is computed again"
    return f", continued: {count} of {len(wanted)} conditions are there"


def _temporary_folder() -> Path:
    """Return a new folder that is removed when Python ends."""
    folder = Path(tempfile.mkdtemp(prefix="robench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "run"
