"""Runs held against each other: differences with intervals and tests, from the stored records alone."""

from robench.comparison.compared import Comparison, compare
from robench.comparison.gate import Gate
from robench.comparison.junit import junit_xml
from robench.comparison.over_seeds import over_seeds
from robench.comparison.verdict import Verdict, judge

__all__ = ["Comparison", "Gate", "Verdict", "compare", "judge", "junit_xml", "over_seeds"]
