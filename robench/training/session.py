"""A whole training: data, network and folder found where nobody says, each seed trained, and then evaluated."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from baselines.methods import Option
from robench.contamination import Contamination
from robench.errors import RobenchError
from robench.forecast import Forecast
from robench.training.defaults import TrainingData, default_folder, find_training_data
from robench.training.evaluation import Evaluated, evaluate_trained, opened
from robench.training.execution import Execution
from robench.training.forecast import forecast
from robench.training.loop import Trained, Watch, execution, run_plan
from robench.training.plan import Plan, check_seed, make_plan
from robench.training.run_folder import CHECKPOINT, claimed, free_folder, is_finished
from robench.training.workers import together

# The networks of IPMix's and PixMix's papers, where theirs is not the one that all methods have here.
PUBLISHED_NETWORKS = dict.fromkeys(("ipmix", "pixmix"), "wrn-40-4-dropout")


@dataclass(frozen=True)
class TrainingSession:
    """What ``train_and_evaluate`` made: the trainings, one per seed, and the evaluations of each, in ``folder``."""

    folder: Path
    trained: list[Trained]
    evaluated: list[Evaluated]


def train_and_evaluate(
    method: str,
    architecture: str | None = None,
    dataset: str | None = None,
    out: str | Path | None = None,
    *,
    method_options: Mapping[str, Option] | None = None,
    recipe: str | None = None,
    seed: int = 0,
    seeds: Sequence[int] | None = None,
    suites: Sequence[str] | None = None,
    ensemble: bool = False,
    data_dir: str | Path | None = None,
    device: str | None = None,
    precision: str = "fp32",
    compiled: bool = False,
    sync_batch_norm: bool = False,
    validate_c: int | None = None,
    tensorboard: bool = False,
    resume: bool = False,
    command: Sequence[str] = (),
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
    **changes: Any,
) -> TrainingSession:
    """Train a network, evaluate its last epoch, and put both where ``robench report`` looks.

    The same call again goes on after the last whole epoch, or reads what is finished. What ``robench.training.train``
    takes, too, is described there.

    Args:
        method: a name of ``baselines.methods``.
        architecture: the network; the dataset's when None: wrn-40-2 on CIFAR, digits_cnn, resnet18 on Tiny ImageNet and
            on folders of small squares, torchvision:resnet50 on ImageNet and other photographs.
        dataset: a name of ``robench.training.defaults.SUBJECTS``; when None, CIFAR-10 where it is found, else the
            digits.
        out: the folder, whose run must be this one or none; when None ``runs/<method>-<network>-<dataset>``, or where
            that holds another run the next free name, ``-2`` and so on.
        seeds: train once per seed, in ``seed-N`` below the folder.
        suites: evaluate on these, each in a folder of its name beside ``checkpoints``; on the dataset's -C suite when
            None, on none when empty.
        ensemble: with several seeds, evaluate their mean softmax, too.
        data_dir: the folder of the datasets' own folders; ``$ROBENCH_DATA``, ``data`` or the working folder when None.
        say: is given lines: what is trained on what and where, how long that takes, what a reader must know.

    Raises:
        RobenchError: as ``train``, and for seeds that are given twice.
    """
    prepared = _prepared(
        *(method, architecture, dataset, out),
        seeds=None if seeds is None else tuple(seeds),
        execution=execution(device, compiled=compiled, sync_batch_norm=sync_batch_norm),
        data_dir=data_dir,
        method_options=method_options,
        seed=seed,
        precision=precision,
        recipe=recipe,
        changes=changes,
    )
    data, plans, how = prepared.data, prepared.plans, prepared.how
    wanted = (data.subject.suite,) if suites is None else suites
    benchmarks = opened(wanted, data.place) if how.workers.is_first else []
    watch = Watch(validate_c, tensorboard, progress, say)
    with together(how.workers, how.device), _agreed(prepared, resume, say) as folder:
        trained = [
            run_plan(each, folder / part, how, watch, command) for part, each in plans.items()
        ]
    evaluated = []
    settings = {"device": device, "precision": precision, "command": command, "progress": progress}
    for benchmark in benchmarks:
        evaluated += evaluate_trained(trained, benchmark, as_ensemble=ensemble, **settings)
    return TrainingSession(folder, trained, evaluated)


def forecast_training(
    method: str,
    architecture: str | None = None,
    dataset: str | None = None,
    out: str | Path | None = None,
    *,
    seeds: Sequence[int] | None = None,
    device: str | None = None,
    compiled: bool = False,
    say: Callable[[str], None] = lambda line: None,
    **settings: Any,
) -> Forecast:
    """Take a few steps of the training that ``train_and_evaluate`` would do, and return what that takes.

    Nothing is written. ``settings`` are that function's ``data_dir``, ``method_options``, ``seed``, ``precision`` and
    ``recipe``, and the ``changes`` of the recipe as one mapping. Raises RobenchError as it does.
    """
    prepared = _prepared(
        *(method, architecture, dataset, out),
        seeds=None if seeds is None else tuple(seeds),
        execution=execution(device, compiled=compiled),
        **settings,
    )
    folder, why = free_folder(prepared.place, prepared.plans, named=prepared.named)
    for line in prepared.lines(folder, why):
        say(line)
    return forecast(prepared.plans, folder, prepared.how)


@dataclass(frozen=True)
class _Prepared:
    """What is to be trained: the run of each sub-folder, and the folder that is wanted for them."""

    data: TrainingData
    plans: Mapping[str, Plan]
    place: Path
    named: bool
    how: Execution

    def lines(self, folder: Path, why: str | None) -> Iterator[str]:
        """Yield what is trained, on what and where, ``why`` there, and what a reader of its scores must know."""
        plan = next(iter(self.plans.values()))
        seeds = ", ".join(str(each.seed) for each in self.plans.values())
        recipe = plan.recipe
        yield f"data: {self.data.sentence()}"
        yield (
            f"training: {plan.method_name}, {plan.architecture}, {_epochs(recipe.epochs)} of {plan.steps_per_epoch} "
            f"steps of {recipe.batch_size} images, {'seed' if len(self.plans) == 1 else 'seeds'} {seeds}"
        )
        yield f"folder: {folder}{_state(folder, self.plans)}" + (f"; {why}" if why else "")
        published = PUBLISHED_NETWORKS.get(plan.method_name)
        if (
            recipe.name == "cifar"
            and self.data.place
            and published not in (None, plan.architecture)
        ):
            yield f"note: the numbers of {plan.method_name}'s paper are of --arch {published}"
        if warning := Contamination(plan.overlaps, known=True).sentence(plan.method_name):
            yield f"note: {warning}"


def _prepared(
    method: str,
    architecture: str | None,
    dataset: str | None,
    out: str | Path | None,
    *,
    seeds: tuple[int, ...] | None,
    execution: Execution,
    data_dir: str | Path | None = None,
    seed: int = 0,
    **settings: Any,
) -> _Prepared:
    if seeds is not None and (not seeds or len(set(seeds)) < len(seeds)):
        raise RobenchError(f"--seeds takes different numbers, such as 0,1,2; got {list(seeds)}")
    data = find_training_data(dataset, data_dir)
    each_seed = (seed,) if seeds is None else seeds
    plan = make_plan(
        method, architecture, data.dataset, data_dir=data.place, seed=each_seed[0], **settings
    )
    for other in each_seed:
        check_seed(other)
    plans = {".": plan}
    if seeds is not None:
        plans = {f"seed-{other}": replace(plan, seed=other) for other in seeds}
    place = Path(out) if out is not None else default_folder(method, plan.architecture, data)
    return _Prepared(data, plans, place, out is not None, execution)


@contextmanager
def _agreed(prepared: _Prepared, resume: bool, say: Callable[[str], None]) -> Iterator[Path]:
    """Let the first process choose and hold the folder, and tell the others."""
    workers, plans = prepared.how.workers, prepared.plans
    if not workers.is_first:
        yield workers.agreed_place(None, prepared.how.device)
        return
    chosen: Path | None = None
    try:
        with claimed(prepared.place, plans, named=prepared.named) as (folder, why):
            if resume and not any((folder / part / "run.json").exists() for part in plans):
                raise RobenchError(
                    f"nothing to resume in {folder}: it holds no run; leave out --resume"
                )
            for line in prepared.lines(folder, why):
                say(line)
            chosen = workers.agreed_place(folder, prepared.how.device)
            yield folder
    finally:
        if chosen is None and workers.count > 1:
            with contextlib.suppress(RobenchError):
                workers.agreed_place(None, prepared.how.device)  # so that the others end, too


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _state(folder: Path, plans: Mapping[str, Plan]) -> str:
    """Return in words what of the trainings is there already."""
    begun = [part for part in plans if (folder / part / CHECKPOINT).exists()]
    if begun and all(is_finished(folder / part) for part in plans if part in begun):
        return " (finished)" if len(begun) == len(plans) else f" ({len(begun)} finished)"
    return " (going on after the last whole epoch)" if begun else ""
