"""Rows of their own for runs that a paper's table has no cell for: another network, recipe, or part of the images."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from reports.paper.layout import Key, PaperTable, Slot
from reports.paper.placed_run import PlacedRun
from reports.paper.variants import VARIANTS, Trained


def with_own_rows(
    table: PaperTable, runs: Sequence[PlacedRun], in_cells: Collection[tuple[Trained, str]]
) -> PaperTable:
    """Return the table with a row below its own for the runs that are in no cell of the paper.

    ``in_cells`` are the (trained network, suite) that have a cell in any table of the paper. A table of networks has
    a row for each other network, if the method is one of its columns; a table of methods, one for each other method,
    network and whatever else sets the runs apart; those of a network are in the order of the paper's methods.
    """
    templates = {column: slot for (_, column), slot in table.slots.items()}
    rows, groups, slots = dict(table.rows), dict(table.own), dict[Key, Slot](table.slots)
    for run in _in_order(runs):
        what = run.trained
        if (what, run.suite) in in_cells or not _fits(table, run, templates):
            continue
        key = _key(table, what)
        rows[key], groups[key] = _name(table, what), f"{what.architecture}|{what.apart}"
        for column, slot in templates.items():
            trained = replace(what, dataset=slot.trained.dataset)
            if table.of_networks:
                trained = replace(trained, variant=column)
            slots[key, column] = replace(slot, trained=trained, own=True)
    return replace(table, rows=rows, own=groups, slots=slots)


def _fits(table: PaperTable, run: PlacedRun, templates: dict[str, Slot]) -> bool:
    """Does a column hold numbers of the run's suite, and of its method where the columns are methods?"""
    if table.of_networks:
        slot = templates.get(run.trained.variant)
        return slot is not None and slot.suite == run.suite
    datasets = {slot.trained.dataset for slot in templates.values() if slot.suite == run.suite}
    return run.trained.dataset in datasets


def _in_order(runs: Sequence[PlacedRun]) -> list[PlacedRun]:
    """Return the runs network by network as given, those of one in the order of the paper's methods."""
    methods = [*VARIANTS, ""]
    networks = list(dict.fromkeys((run.trained.architecture, run.trained.apart) for run in runs))

    def rank(run: PlacedRun) -> tuple[int, int]:
        what = run.trained
        return networks.index((what.architecture, what.apart)), methods.index(what.variant)

    return sorted(runs, key=rank)


def _key(table: PaperTable, what: Trained) -> str:
    parts = [what.architecture, what.apart]
    return "|".join(parts if table.of_networks else [what.variant, *parts])


def _name(table: PaperTable, what: Trained) -> str:
    if not what.variant:
        return what.apart
    network = what.architecture.rpartition(":")[2]
    parts = [network, what.apart]
    if not table.of_networks:
        parts.insert(0, VARIANTS[what.variant].heading)
    return ", ".join(filter(None, parts))
