"""Where a run's numbers come from, in words."""

import shlex
from collections.abc import Mapping
from typing import Any

import pandas as pd

NOT_RECORDED = "not recorded"


def provenance(info: Mapping[str, Any], finished: int) -> pd.Series:
    """Return label -> text of one run, from its ``run.json`` and the number of its finished conditions."""
    model, data, scaling = info["model"], info["data"], info["preprocessing"]
    limit = "all" if data["limit"] is None else f"limited to {data['limit']:,}"
    entries = {
        "Model": f"{model['architecture'] or 'unknown architecture'} from {model['source']}",
        "Weights (SHA-256)": model["sha256"] or NOT_RECORDED,
        "Parameters": NOT_RECORDED if model["parameters"] is None else f"{model['parameters']:,}",
        "Classes": f"{model['num_classes']:,}",
        "Training": in_words(model["training"]),
        "Preprocessing": f"mean {numbers(scaling['mean'])}, std {numbers(scaling['std'])} ({scaling['origin']})",
        "Suite": f"{info['suite']}, preset {info['preset']}, seed {info['seed']}",
        "Data": data["description"],
        "Data manifest (SHA-256)": data["manifest_sha256"],
        "Images": f"{data['images']:,} ({limit})",
        "Conditions": f"{finished} finished of {len(info['conditions'])} asked for",
        "Computed with": f"{info['precision']} on {hardware(info)}, batch size {info['batch_size']}",
        "Temperature": _temperature(info.get("temperature")),
        "Software": f"robench {info['robench']}; {in_words(info['libraries'])}",
        "Time": when(info),
    }
    return pd.Series(
        {label: str(text) for label, text in entries.items() if text is not None}, name="provenance"
    )


def command_line(info: Mapping[str, Any]) -> str | None:
    """Return the command that made the run, quoted for a POSIX shell; None for a run that was started from Python."""
    return shlex.join(str(word) for word in info["command"]) or None


def in_words(recorded: Mapping[str, Any] | None) -> str:
    """Return "method augmix, recipe (epochs 15, lr 0.05)" for a mapping; what is absent or empty is left out."""
    pairs = [
        f"{key} ({in_words(value)})" if isinstance(value, Mapping) else f"{key} {listed(value)}"
        for key, value in (recorded or {}).items()
        if value is not None and value != {}
    ]
    return ", ".join(pairs) or NOT_RECORDED


def listed(value: Any) -> Any:
    """Return "color, contrast" for a list of names, "none" for an empty one; anything else as it is."""
    return (", ".join(map(str, value)) or "none") if isinstance(value, list) else value


def _temperature(record: Mapping[str, Any] | None) -> str | None:
    """Return "logits divided by 2.25 to 2.39 (how they were found)"; None for a run of the logits as they are."""
    if record is None:
        return None
    ends = dict.fromkeys(f"{value:.4g}" for value in (min(record["values"]), max(record["values"])))
    return f"logits divided by {' to '.join(ends)} ({record['origin']})"


def numbers(values: list[float]) -> str:
    """Return "0.5, 0.5, 0.5"."""
    return ", ".join(f"{value:g}" for value in values)


def hardware(info: Mapping[str, Any]) -> str:
    """Return "cpu (AMD EPYC 7763, 2 threads)", or "cpu" of a run that does not tell more."""
    details = [info["device_name"]] if info.get("device_name") else []
    if threads := info.get("threads"):
        details.append(f"{threads} thread{'s' if threads > 1 else ''}")
    return f"{info['device']} ({', '.join(details)})" if details else str(info["device"])


def when(info: Mapping[str, Any]) -> str:
    """Return start, end and computing time of a run."""
    seconds = info.get("seconds")
    spent = "" if seconds is None else f", {seconds:,.0f} s of computing"
    return f"{info['started']} to {info.get('finished') or 'unfinished'}{spent}"
