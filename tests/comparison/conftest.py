from pathlib import Path

import pytest

from tests.reports.synthetic import write_run


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two runs on the same images; the second is clearly better on corrupted ones."""
    root = tmp_path_factory.mktemp("pair")
    return [
        write_run(root / "standard", "standard", 0.10, 0.06),
        write_run(root / "augmix", "augmix", 0.10, 0.02, records_seed=1),
    ]
