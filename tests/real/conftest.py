"""The real cohorts: found through ESR_REAL_DATA, by default beside the checkout."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REAL_DATA = Path(os.environ.get("ESR_REAL_DATA", ROOT.parent / "shared" / "data"))
ENDPOINTS = Path(__file__).parent / "endpoints"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.real)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real cohorts, one folder each."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"the real cohorts are not at {REAL_DATA}; set ESR_REAL_DATA")
    return REAL_DATA


@pytest.fixture(scope="session")
def own_endpoint():
    """Read an endpoint that exists for tests only, as a user would: by its path."""
    from data_schemas.catalogue.load import find_endpoint, load_catalogue

    return lambda name: find_endpoint(load_catalogue(), str(ENDPOINTS / f"{name}.toml"))
