"""docs/certificate.md: complete, of the known md5s, and what certifying again gives."""

import os
import re
from pathlib import Path

import pytest

from corruptions import BENCHMARK, EXTRA
from robench.certificate.published import PUBLISHED_MD5
from tests.documents import ROOT, docs_script

ROW = re.compile(r"^\| `(\w+)\.npy` \| `([0-9a-f]{32})` \| ([a-z ]+) \|.*$", re.MULTILINE)
DOCUMENT = (ROOT / "docs" / "certificate.md").read_text(encoding="utf-8")


def test_every_file_has_a_row_and_the_official_ones_the_published_md5() -> None:
    rows = {match[1]: (match[2], match[3]) for match in ROW.finditer(DOCUMENT)}
    assert sorted(rows) == sorted(["labels", *BENCHMARK, *EXTRA])
    published = {name.removesuffix(".npy"): md5 for name, md5 in PUBLISHED_MD5["cifar-10"].items()}
    other_encoder = published.pop("jpeg_compression")
    official = {name: md5 for name, (md5, verdict) in rows.items() if verdict == "official"}
    assert official == published
    assert rows["jpeg_compression"][0] != other_encoder
    assert f"whose md5 is `{other_encoder}`" in DOCUMENT


def test_the_versions_of_all_libraries_that_make_pixels_are_stated() -> None:
    for name in ("robench", *docs_script("certify").PIXEL_MAKERS):
        assert re.search(rf"^\| {name} \| \d+\.\d+", DOCUMENT, re.MULTILINE), name


@pytest.mark.fidelity
def test_certifying_again_gives_the_same_table(tmp_path: Path) -> None:
    folder = os.environ.get("ROBENCH_DATA")
    if not folder:
        pytest.skip("ROBENCH_DATA does not name a folder that holds cifar-10-batches-py")
    assert docs_script("certify").certified(Path(folder), tmp_path) in DOCUMENT
