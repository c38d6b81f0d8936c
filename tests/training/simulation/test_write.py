"""What is written says that it is simulated, is the same for a seed, and never replaces real data."""

from __future__ import annotations

import json

import numpy as np
import pytest
from simulated_world import CATALOGUE, ENDPOINTS, N

from data_schemas.catalogue.load import find_cohort
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError
from features.cohort.read import read_cohort
from training.simulation.simulate import simulate
from training.simulation.write import write_simulation


def test_the_same_seed_gives_the_same_bytes(tmp_path, endpoint):
    paths = [tmp_path / name / "cohort.csv" for name in ("a", "b", "c")]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        path.parent.mkdir()
        write_simulation(simulate(Terms(endpoint, CATALOGUE), 200, seed), path)
    for suffix in (".csv", ".toml", ".truth.json"):
        first, second = (path.with_suffix(suffix).read_bytes() for path in paths[:2])
        assert first == second
    assert paths[0].read_bytes() != paths[2].read_bytes()


def test_what_is_written_says_synthetic_and_loads(tmp_path, endpoint, simulation):
    manifest, truth = write_simulation(simulation, tmp_path / "cohort.csv")
    cohort = find_cohort(CATALOGUE, str(manifest))
    assert cohort.synthetic is True
    assert cohort.model_copy(update={"id": simulation.manifest.id}) == simulation.manifest
    document = json.loads(truth.read_text())
    assert document["synthetic"] is True
    assert document["truth"]["intercept"] == endpoint.simulation.intercept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.csv", "cohort.toml", "cohort.truth.json"]


def test_the_cohort_reader_takes_every_row_and_sees_the_same_world(tmp_path, endpoint, simulation):
    manifest, _ = write_simulation(simulation, tmp_path / "cohort.csv")
    data = read_cohort(tmp_path / "cohort.csv", find_cohort(CATALOGUE, str(manifest)), Terms(endpoint, CATALOGUE))
    assert data.report.n_read == N
    assert set(data.report.ineligible_counts) <= {"outcome not known"}
    weights = data.response.weights()
    known = data.response.known
    rate = np.average(data.response.y[known], weights=weights[known])
    assert rate == pytest.approx(simulation.probability.mean(), abs=0.04)


def test_real_data_is_never_replaced(tmp_path):
    simulation = simulate(Terms(ENDPOINTS[0], CATALOGUE), 10, 0)
    path = tmp_path / "study.csv"
    path.write_text("real\n")
    with pytest.raises(EsrError, match="no simulated cohort") as refusal:
        write_simulation(simulation, path)
    assert refusal.value.code == "output_exists"
    assert path.read_text() == "real\n"
    path.unlink()
    write_simulation(simulation, path)
    write_simulation(simulate(Terms(ENDPOINTS[0], CATALOGUE), 20, 0), path)  # its own work it may replace
    assert len(path.read_text().splitlines()) == 21


def test_an_unwritable_place_is_named(tmp_path):
    with pytest.raises(EsrError, match="cannot be written") as refusal:
        write_simulation(simulate(Terms(ENDPOINTS[0], CATALOGUE), 10, 0), tmp_path / "absent" / "x.csv")
    assert refusal.value.code == "output_exists"


@pytest.mark.parametrize("seed", range(4))
def test_no_simulated_cohort_seems_to_mix_units(endpoint, tmp_path, seed):
    simulation = simulate(Terms(endpoint, CATALOGUE), 500, seed=seed)
    write_simulation(simulation, tmp_path / "drawn.csv")
    manifest = find_cohort(CATALOGUE, str(tmp_path / "drawn.toml"))
    assert read_cohort(tmp_path / "drawn.csv", manifest, Terms(endpoint, CATALOGUE)).report.n_read == 500
