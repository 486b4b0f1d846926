"""The published numbers agree with themselves: every printed mean is the mean of its cells."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from baselines import published
from robench.errors import RobenchError

CORRUPTION_COUNT = 15


def test_every_file_names_its_source_and_every_source_has_a_file() -> None:
    folder = Path(published.__file__).parent
    files = {path.stem for path in folder.glob("*.csv")} - {"sources"}
    assert files == set(published.sources()["name"])
    assert published.sources().notna().all().all()


def test_alexnet_means_are_the_means_of_their_severities() -> None:
    table = published.load("alexnet_imagenet_c").set_index("corruption")
    assert len(table) == CORRUPTION_COUNT
    recomputed = table[[f"severity_{severity}" for severity in range(1, 6)]].mean(axis=1)
    np.testing.assert_allclose(recomputed, table["mean"], atol=1e-9)
    assert table.loc["gaussian_noise", "mean"] == pytest.approx(0.886428)


def test_table_1_means_are_the_means_over_four_networks() -> None:
    table = published.load("augmix_table1").set_index(["dataset", "architecture"])
    for dataset in ("cifar-10-c", "cifar-100-c"):
        networks = table.loc[dataset].drop("mean")
        assert len(networks) == 4
        # One decimal is printed, of the cells and of the mean.
        np.testing.assert_allclose(networks.mean(), table.loc[(dataset, "mean")], atol=0.11)


@pytest.mark.parametrize(("name", "mean"), [("augmix_table2", "mce"), ("augmix_table3", "mfr")])
def test_tables_2_and_3_means_are_the_means_of_their_rounded_cells(name: str, mean: str) -> None:
    table = published.load(name).set_index("method")
    cells = table.drop(columns=["clean_error", mean])
    assert cells.shape[1] == {"mce": CORRUPTION_COUNT, "mfr": 10}[mean]
    np.testing.assert_allclose(cells.mean(axis=1), table[mean], atol=0.15)


def test_table_4_repeats_table_1_for_the_wide_resnet() -> None:
    ablation = published.load("augmix_table4").set_index("method")
    table = published.load("augmix_table1").set_index(["dataset", "architecture"])
    for dataset in ("cifar-10-c", "cifar-100-c"):
        for method in ("standard", "augmix", "autoaugment"):
            assert ablation.loc[method, dataset] == table.loc[(dataset, "wideresnet"), method]


def test_robustbench_augmix_wide_resnet_averages_the_reproduced_error() -> None:
    cells = published.load("robustbench_cells")
    of_model = cells.query("dataset == 'cifar-10-c' and model == 'Hendrycks2020AugMixWRN'")
    assert len(of_model) == CORRUPTION_COUNT * 5
    assert of_model["error"].mean() == pytest.approx(0.1118, abs=5e-5)


def test_cells_are_unique_fractions() -> None:
    for name, keys in (
        ("robustbench_cells", ["dataset", "model", "corruption", "severity"]),
        ("imagenet_testbed_cells_double_crop", ["model", "corruption", "severity"]),
    ):
        cells = published.load(name)
        assert not cells.duplicated(keys).any()
        assert cells["error"].between(0, 1).all()


@pytest.mark.parametrize("name", ["robustbench_cells", "imagenet_testbed_cells_double_crop"])
def test_noise_and_contrast_cost_no_less_at_a_higher_severity(name: str) -> None:
    """An accuracy below 1%, taken for a fraction, would read as a small error: fourteen cells once did."""
    cells = published.load(name)
    cells = cells[cells["corruption"].str.endswith("noise") | (cells["corruption"] == "contrast")]
    keys = [key for key in cells.columns if key not in ("severity", "error")]
    ordered = cells.sort_values("severity").groupby(keys)["error"]
    assert (ordered.diff().dropna() > -0.005).all()
    assert len(cells) > 100


def test_the_testbeds_errors_above_99_percent_are_told() -> None:
    cells = published.load("imagenet_testbed_cells_double_crop")
    cells = cells.set_index(["model", "corruption", "severity"])["error"]
    assert cells["squeezenet1_0", "gaussian_noise", 4] == 0.99186
    assert cells["alexnet", "impulse_noise", 4] == 0.99036
    assert cells["vgg19", "gaussian_noise", 5] == 0.99122


def test_an_unknown_table_is_refused_with_the_closest_name() -> None:
    with pytest.raises(RobenchError, match="did you mean 'augmix_table1'"):
        published.load("augmix_tabel1")


def test_importing_the_published_tables_does_not_import_torch() -> None:
    check = "import sys, baselines, baselines.published; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
