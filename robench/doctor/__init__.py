"""Is this the right data, and is the model shown it the way it was trained? Findings in words, with their numbers."""

from robench.doctor.completion import (
    UnmeasurableError,
    complete_model,
    measure_unknown,
    measured_or_finding,
)
from robench.doctor.diagnosis import diagnose
from robench.doctor.finding import Diagnosis, Finding
from robench.doctor.sample import benchmark_of
from robench.doctor.suite_choice import open_for_examination, place_of_data, the_one

__all__ = [
    "Diagnosis",
    "Finding",
    "UnmeasurableError",
    "benchmark_of",
    "complete_model",
    "diagnose",
    "measure_unknown",
    "measured_or_finding",
    "open_for_examination",
    "place_of_data",
    "the_one",
]
