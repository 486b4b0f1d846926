"""Verdicts as JUnit XML, which CI systems show next to other tests."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from robench.comparison.verdict import Verdict


def junit_xml(verdicts: Sequence[Verdict]) -> bytes:
    """Return a test suite with a case per gate and run.

    Holds no times, so that the same verdicts give the same bytes. Characters that XML cannot hold become "?".
    """
    failures = sum(verdict.failed for verdict in verdicts)
    root = ElementTree.Element("testsuites")
    attributes = {"name": "robench compare", "tests": str(len(verdicts)), "failures": str(failures)}
    suite = ElementTree.SubElement(root, "testsuite", {**attributes, "errors": "0", "skipped": "0"})
    for verdict in verdicts:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": _legal(verdict.run), "name": verdict.gate.text}
        )
        sentence = _legal(verdict.sentence)
        if verdict.failed:
            ElementTree.SubElement(case, "failure", {"message": sentence}).text = sentence
        else:
            ElementTree.SubElement(case, "system-out").text = sentence
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _legal(text: str) -> str:
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
