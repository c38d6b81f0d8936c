"""A bundle is read whole and unchanged, or not at all."""

from __future__ import annotations

import io
import json
import os

import numpy as np
import pytest
from tiny_model import TINY_COHORT, TINY_ENDPOINT, make_tiny_card, make_tiny_replicates, make_tiny_scorecard

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import CatalogueError, ModelError
from data_schemas.model.bundle import DOCUMENTS, REPLICATES, read_bundle, write_bundle
from data_schemas.model.project import endpoint_of, model_name
from data_schemas.model.sealed import MANIFEST, Manifest
from data_schemas.record import canonical_json, digest
from training.registry.golden import build_golden

FILES = (MANIFEST, REPLICATES, *DOCUMENTS)


def refusal(folder) -> str:
    with pytest.raises(ModelError) as caught:
        read_bundle(folder)
    assert str(folder) in caught.value.message
    return caught.value.code


def reseal(folder, name, data) -> None:
    """Change a file and make the manifest agree: what somebody with write access could do."""
    (folder / name).write_bytes(data)
    files = {path.name: digest(path.read_bytes()) for path in folder.iterdir() if path.name != MANIFEST}
    (folder / MANIFEST).write_bytes(canonical_json(Manifest(format_version=1, files=files)))


def edited(folder, name, **changes) -> bytes:
    return json.dumps(
        json.loads((folder / name).read_bytes()) | changes, sort_keys=True, separators=(",", ":")
    ).encode()


def test_what_is_written_is_read(tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    bundle = read_bundle(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert bundle.endpoint == TINY_ENDPOINT
    assert bundle.cohort == TINY_COHORT
    assert bundle.digest == digest(canonical_json(bundle.scorecard))
    assert bundle.scorecard.twin is not None
    np.testing.assert_array_equal(bundle.replicates, make_tiny_replicates(bundle.scorecard))
    assert not bundle.replicates.flags.writeable


def test_the_same_model_gives_the_same_bytes(tmp_path, tiny_bundle):
    one, two = tiny_bundle(tmp_path / "one"), tiny_bundle(tmp_path / "two")
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in FILES)


def test_a_model_without_replicates_has_no_array(tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle", intervals=False)
    assert not (folder / REPLICATES).exists()
    assert read_bundle(folder).replicates is None


@pytest.mark.parametrize("name", FILES)
def test_any_changed_bit_is_refused(name, tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    original = (folder / name).read_bytes()
    for offset in np.linspace(0, len(original) - 1, 12).astype(int):
        for bit in (0, 5, 7):
            damaged = bytearray(original)
            damaged[offset] ^= 1 << bit
            (folder / name).write_bytes(damaged)
            assert refusal(folder) == "bundle_integrity"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("keep", [0, 0.5, -1])
def test_a_cut_file_is_refused(name, keep, tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: keep if keep <= 0 else int(len(data) * keep)])
    assert refusal(folder) == "bundle_integrity"


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(name, tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    (folder / name).unlink()
    assert refusal(folder) == "bundle_integrity"


@pytest.mark.parametrize("name", FILES)
def test_a_link_is_refused_even_to_the_right_bytes(name, tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    assert refusal(folder) == "bundle_integrity"


@pytest.mark.parametrize("name", ["extra.txt", "model.pkl", "scorecard.json.bak", ".hidden"])
def test_an_extra_file_is_refused(name, tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    (folder / name).write_bytes(b"")
    assert refusal(folder) == "bundle_integrity"
    reseal(folder, name, b"")
    assert refusal(folder) == "bundle_integrity"


def test_an_extra_folder_or_pipe_is_refused(tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    (folder / "sub").mkdir()
    assert refusal(folder) == "bundle_integrity"
    (folder / "sub").rmdir()
    os.mkfifo(folder / "pipe")
    assert refusal(folder) == "bundle_integrity"


def test_no_folder_is_refused(tmp_path):
    assert refusal(tmp_path / "nowhere") == "bundle_integrity"


def test_another_format_version_is_incompatible(tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    reseal(folder, "scorecard.json", edited(folder, "scorecard.json", format_version=2))
    assert refusal(folder) == "schema_incompatible"


def test_a_field_of_a_later_version_is_incompatible(tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    reseal(folder, "model_card.json", edited(folder, "model_card.json", hologram=True))
    assert refusal(folder) == "schema_incompatible"


def test_another_panel_is_incompatible(tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    reseal(folder, "scorecard.json", edited(folder, "scorecard.json", panel_digest="sha256:" + "0" * 64))
    assert refusal(folder) == "schema_incompatible"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("model_card.json", {"candidate": "xgboost"}),
        ("model_card.json", {"endpoint": "another"}),
        ("endpoint.json", {"id": "another"}),
        ("cohort.json", {"id": "another"}),
    ],
)
def test_documents_of_two_models_are_refused(name, changes, tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    reseal(folder, name, edited(folder, name, **changes))
    assert refusal(folder) == "bundle_integrity"


def npy(array, **options) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def wrong_arrays():
    right = make_tiny_replicates(make_tiny_scorecard())
    header_lies = npy(right).replace(b"(40, ", b"(41, ")
    nan = right.copy()
    nan[3, 4] = np.nan
    return {
        "other values": npy(right + 1e-9),
        "single precision": npy(right.astype("f4")),
        "big endian": npy(right.astype(">f8")),
        "by column": npy(np.asfortranarray(right)),
        "a column less": npy(right[:, 1:]),
        "one dimension": npy(right.ravel()),
        "no row": npy(right[:0]),
        "not finite": npy(nan),
        "more rows than bytes": header_lies,
        "bytes behind": npy(right) + b"\0" * 8,
        "objects": npy(np.array([[{}]], dtype=object), allow_pickle=True),
        "text": b"not an array",
        "empty": b"",
    }


@pytest.mark.parametrize("kind", sorted(wrong_arrays()))
def test_replicates_of_another_shape_or_value_are_refused(kind, tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    reseal(folder, REPLICATES, wrong_arrays()[kind])
    assert refusal(folder) == "bundle_integrity"


def test_a_bundle_is_never_written_over_another(tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    with pytest.raises(ModelError) as caught:
        tiny_bundle(folder)
    assert caught.value.code == "output_exists"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_parts_that_do_not_belong_together_are_not_written(tmp_path):
    scorecard = make_tiny_scorecard()
    with pytest.raises(ModelError):
        write_bundle(
            tmp_path / "bundle",
            scorecard=scorecard,
            replicates=make_tiny_replicates(scorecard),
            card=make_tiny_card(scorecard, TINY_COHORT),
            endpoint=TINY_ENDPOINT,
            cohort=TINY_COHORT,
            golden=build_golden(scorecard, None),
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["esr-", "esr-../x", "esr-a/b", "other", "esr-.hidden", "esr-a b"])
def test_a_name_that_could_leave_its_folder_is_no_model_of_ours(name):
    assert endpoint_of(name) is None


def test_an_endpoint_that_cannot_be_a_file_name_is_refused():
    with pytest.raises(CatalogueError):
        model_name("../x")


def test_a_bundle_may_not_answer_another_question_under_an_id_of_the_catalogue(tmp_path, tiny_bundle):
    ours = load_catalogue().endpoints["mht-ldl-response"]
    assert read_bundle(tiny_bundle(tmp_path / "ours", ours)).endpoint == ours
    folder = tiny_bundle(tmp_path / "other", TINY_ENDPOINT.model_copy(update={"id": ours.id}))
    with pytest.raises(ModelError, match=r"another definition.*covariates.*id of its own") as caught:
        read_bundle(folder)
    assert caught.value.code == "schema_incompatible"
