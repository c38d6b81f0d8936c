"""What models were trained with is written down, and never changes."""

from __future__ import annotations

import tomllib

from catalogue_copy import grown_catalogue

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.released import panel_digest, panel_of, released_text, row_digest
from data_schemas.catalogue.rows import SomaticVariant, Variant
from data_schemas.record import digest
from data_schemas.toml_file import FOLDER

FIRST = "sha256:5fa38d15b1e48ed55936758cfe917452697a159e7cc8bb58d7c662982071d598"
CURE = "run `make released` and commit data_schemas/released.toml"


def test_todays_panel_and_therapies_are_written_down():
    known = load_catalogue()
    assert known.panel_digest in known.released.panels, f"panel.toml has changed: {CURE}"
    assert known.therapies.keys() <= known.released.therapies.keys(), f"therapies.toml has grown: {CURE}"
    assert known.released.panels[known.panel_digest] == panel_of(known)


def test_a_released_therapy_stays_what_it_was():
    known = load_catalogue()
    now = {name: row_digest(row) for name, row in known.therapies.items()}
    changed = [name for name, one in known.released.therapies.items() if now.get(name) != one]
    assert changed == [], "models were trained with these therapies; give what has changed a name of its own"


def test_the_first_panel_keeps_its_digests():
    """A later version may add panels below; what stands here is what models of version 0.1.0 name."""
    panel = load_catalogue().released.panels[FIRST]
    assert (
        digest(panel.model_dump_json().encode())
        == "sha256:93d05ce924f92f3307376b977d4b513c56c312c25da774c0a7e085ffa5a0096f"
    )


def test_a_key_of_a_later_version_at_its_default_changes_no_digest():
    class WiderVariant(Variant):
        transcript: str = ""

    class WiderMutation(SomaticVariant):
        domain: str = "ligand-binding"

    known = load_catalogue()
    germline = {key: WiderVariant.model_validate(row.model_dump()) for key, row in known.variants.items()}
    somatic = {key: WiderMutation.model_validate(row.model_dump()) for key, row in known.somatic.items()}
    assert panel_digest(germline, somatic) == known.panel_digest == FIRST
    assert all(row_digest(germline[key]) == row_digest(row) for key, row in known.variants.items())
    assert all(row_digest(somatic[key]) == row_digest(row) for key, row in known.somatic.items())
    told = {**somatic, "Y537S": somatic["Y537S"].model_copy(update={"domain": "DNA-binding"})}
    assert panel_digest(germline, told) != FIRST


def test_what_was_written_down_stays_and_what_is_new_is_added(tmp_path):
    ours, grown = load_catalogue(), grown_catalogue(tmp_path)
    document = tomllib.loads(released_text(grown))
    assert released_text(ours) == (FOLDER / "released.toml").read_text(), CURE
    assert list(document["panels"]) == [*ours.released.panels, grown.panel_digest]
    assert document["panels"][FIRST] == ours.released.panels[FIRST].model_dump()
    further = {"imlunestrant": row_digest(grown.therapies["imlunestrant"])}
    assert document["therapies"] == ours.released.therapies | further
