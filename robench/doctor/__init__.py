"""Is this the right data, and is the model shown it the way it was trained? Findings in words, with their numbers."""

from robench.doctor.diagnosis import diagnose
from robench.doctor.finding import Diagnosis, Finding
from robench.doctor.suite_choice import open_for_examination, the_one

__all__ = ["Diagnosis", "Finding", "diagnose", "open_for_examination", "the_one"]
