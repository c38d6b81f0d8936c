"""PLINK 1 and PLINK 2 sets: the same people give the same calls, and files that do not belong together are refused."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pyarrow
import pytest
from bed_reader import to_bed
from pgenlib import PgenWriter

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.files.packing import Limits
from features.germline.calling.decide import decide
from features.germline.readers.kinds import read_genotypes
from features.germline.readings import targets

CATALOGUE = load_catalogue()
TARGETS = targets(CATALOGUE)
SITES = [CATALOGUE.variants[name] for name in ("rs2077647", "rs2234693", "rs9340799", "rs1801132")]
# copies of the effect allele of five people, -1 not called
COPIES = {"rs2077647": [0, 1, 2, 1, -1], "rs2234693": [0, 1, 2, 1, 0], "rs9340799": [0, 0, 1, 2, -1],
          "rs1801132": [2, 1, 0, 1, 2]}  # fmt: skip


def _other(row):
    return next(letter for letter in row.alleles if letter != row.effect_allele)


def _bed(folder, build=37, n=5, chrom="6", people=None):
    """Write a set whose A1 is the effect allele, with two foreign variants before and after ours."""
    places = [row.grch37 if build == 37 else row.grch38 for row in SITES]
    columns = [np.zeros(n), *(np.array(COPIES[row.id] * (n // 5), dtype=float) for row in SITES), np.ones(n)]
    value = np.column_stack(columns)
    value[value < 0] = np.nan
    to_bed(
        folder / "set.bed",
        value,
        properties={
            "iid": people or [f"p{k}" for k in range(n)],
            "sid": ["first", *(row.id for row in SITES), "last"],
            "chromosome": ["1", *([chrom] * len(SITES)), "22"],
            "bp_position": [1, *(place.pos for place in places), 2],
            "allele_1": ["A", *(row.effect_allele for row in SITES), "0"],
            "allele_2": ["G", *(_other(row) for row in SITES), "C"],
        },
    )
    return folder / "set.bed"


def _pgen(folder, dosages=None, phase=False, zst=False, third=False):
    n = 5
    rows = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tINFO"]
    extra = 1 if third else 0
    with PgenWriter(
        str(folder / "set.pgen").encode(), n, variant_ct=len(SITES) + extra, nonref_flags=False,
        allele_ct_limit=3 if third else 2, dosage_present=dosages is not None, hardcall_phase_present=phase,
    ) as writer:  # fmt: skip
        if third:
            rows.append("6\t5\tmulti\tA\tC,G\t.")
            writer.append_alleles(np.array([0, 2] * n, np.int32), allele_ct=3)
        for row in SITES:
            place = row.grch38
            rows.append(f"6\t{place.pos}\t{row.id}\t{_other(row)}\t{row.effect_allele}\tR2=0.95")
            copies = COPIES[row.id]
            if phase:
                pairs = {0: (0, 0), 1: (1, 0), 2: (1, 1), -1: (-9, -9)}
                writer.append_alleles(np.array([a for c in copies for a in pairs[c]], np.int32), all_phased=True)
            elif dosages is not None:
                writer.append_dosages(np.array(dosages, np.float32))
            else:
                writer.append_biallelic(np.array([-9 if c < 0 else c for c in copies], np.int8))
    text = ("\n".join(rows) + "\n").encode()
    if zst:
        (folder / "set.pvar.zst").write_bytes(pyarrow.compress(text, codec="zstd", asbytes=True))
    else:
        (folder / "set.pvar").write_bytes(text)
    (folder / "set.psam").write_text("#IID\tSEX\n" + "".join(f"p{k}\t2\n" for k in range(n)))
    return folder / "set.pgen"


def _decided(path):
    return decide(read_genotypes(path, TARGETS), CATALOGUE)


def _expected(n=5):
    return {
        name: np.where(np.array(c * (n // 5)) < 0, np.nan, np.array(c * (n // 5), float)) for name, c in COPIES.items()
    }


@pytest.mark.parametrize("build", [37, 38])
def test_a_bed_gives_letters_and_missing_and_proves_its_build(tmp_path, build):
    readings = read_genotypes(_bed(tmp_path, build), TARGETS)
    assert (readings.n_read, readings.samples) == (6, ("p0", "p1", "p2", "p3", "p4"))
    result = decide(readings, CATALOGUE)
    assert (result.proof.build, result.proof.strand) == (build, "forward")
    for name, copies in _expected().items():
        np.testing.assert_array_equal(result.sites[name].dosage, copies)
    assert result.calls(4)["rs2077647"].reason == "no_call"
    assert result.calls(0)["rs4986938"].state == "not_assayed"


@pytest.mark.parametrize("options", [{}, {"zst": True}, {"phase": True}, {"third": True}])
def test_a_pgen_gives_the_same(tmp_path, options):
    result = _decided(_pgen(tmp_path, **options))
    for name, copies in _expected().items():
        np.testing.assert_array_equal(result.sites[name].dosage, copies)
    if options.get("phase"):
        assert result.calls(1)["rs2234693"].phased == "C|T"


def test_dosages_of_a_pgen_are_imputed_with_their_quality(tmp_path):
    result = _decided(_pgen(tmp_path, dosages=[0.1, 1.2, 1.9, 0, 2]))
    call = result.calls(1)["rs2234693"]
    assert (call.state, call.imputation_quality) == ("imputed", 0.95)
    assert call.dosage == pytest.approx(1.2, abs=1e-3)


def test_letters_of_the_other_strand_are_proven_as_a_whole(tmp_path):
    path = _bed(tmp_path)
    bim = tmp_path / "set.bim"
    lines = [line.split("\t") for line in bim.read_text().splitlines()]
    flip = str.maketrans("ACGT", "TGCA")
    bim.write_text("\n".join("\t".join([*f[:4], f[4].translate(flip), f[5].translate(flip)]) for f in lines) + "\n")
    result = _decided(path)
    assert result.proof.strand == "reverse"
    np.testing.assert_array_equal(result.sites["rs2234693"].dosage, COPIES["rs2234693"])


def test_individuals_of_one_name_in_two_families_are_told_apart(tmp_path):
    path = _bed(tmp_path)
    fam = tmp_path / "set.fam"
    lines = [line.split() for line in fam.read_text().splitlines()]
    fam.write_text("\n".join(" ".join([f"f{k}", "x", *f[2:]]) for k, f in enumerate(lines)) + "\n")
    assert read_genotypes(path, TARGETS).samples[:2] == ("f0 x", "f1 x")


def _swap(folder):
    bim, fam = (folder / "set.bim").read_text(), (folder / "set.fam").read_text()
    (folder / "set.bim").write_text(fam)
    (folder / "set.fam").write_text(bim)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda f: (f / "set.bim").unlink(), "file_missing"),
        (lambda f: (f / "set.fam").unlink(), "file_missing"),
        (lambda f: (f / "set.bed").write_bytes((f / "set.bed").read_bytes()[:-2]), "corrupt_file"),
        (lambda f: (f / "set.bed").write_bytes((f / "set.bed").read_bytes() + b"\0"), "corrupt_file"),
        (lambda f: (f / "set.bed").write_bytes(b"\x6c\x1b\x00" + (f / "set.bed").read_bytes()[3:]), "unknown_format"),
        (lambda f: (f / "set.fam").write_text((f / "set.fam").read_text() * 2), "invalid_sample_name"),
        (_swap, "wrong_field_count"),
        (lambda f: (f / "set.bim").write_text("1 a 0 1 A\n"), "wrong_field_count"),
        (lambda f: (f / "set.fam").write_text("\n"), "no_rows"),
    ],
)
def test_a_damaged_or_mixed_plink1_set_is_refused(tmp_path, damage, code):
    path = _bed(tmp_path)
    damage(tmp_path)
    with pytest.raises(InputFileError) as caught:
        read_genotypes(path, TARGETS)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda f: (f / "set.pvar").unlink(), "file_missing"),
        (lambda f: (f / "set.pgen").write_bytes((f / "set.pgen").read_bytes()[:-4]), "corrupt_file"),
        (lambda f: (f / "set.psam").write_text("#IID\na\nb\n"), "corrupt_file"),
        (lambda f: (f / "set.psam").write_text("#SEX\n1\n"), "wrong_columns"),
        (lambda f: (f / "set.pvar").write_text("#CHROM\tPOS\tID\tREF\tALT\n6\t1\n"), "wrong_field_count"),
        (lambda f: (f / "set.pvar").write_text("#CHROM\tPOS\tID\tREF\tALT\n6\t1\tx\tA\tG\n"), "corrupt_file"),
    ],
)
def test_a_damaged_or_mixed_plink2_set_is_refused(tmp_path, damage, code):
    path = _pgen(tmp_path)
    damage(tmp_path)
    with pytest.raises(InputFileError) as caught:
        read_genotypes(path, TARGETS)
    assert caught.value.code == code


def test_a_cut_zstd_pvar_is_refused(tmp_path):
    path = _pgen(tmp_path, zst=True)
    packed = tmp_path / "set.pvar.zst"
    packed.write_bytes(packed.read_bytes()[:-8])
    with pytest.raises(InputFileError):
        read_genotypes(path, TARGETS)


def test_memory_does_not_grow_with_variants(tmp_path):
    """A set of 400 times more variants: only ours are read."""
    n, count = 400, 20_000
    (tmp_path / "set.fam").write_text("".join(f"f p{k} 0 0 1 -9\n" for k in range(n)))
    (tmp_path / "set.bim").write_text("".join(f"1\tv{k}\t0\t{k + 1}\tA\tG\n" for k in range(count)))
    (tmp_path / "set.bed").write_bytes(b"\x6c\x1b\x01" + bytes(count * n // 4))
    tracemalloc.start()
    readings = read_genotypes(tmp_path / "set.bed", TARGETS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert readings.n_read == count
    assert peak < 8 * 2**20


@pytest.mark.parametrize(
    ("info", "state", "quality"),
    [
        ("R2=0.95", "imputed", 0.95),
        ("IMPUTED;R2=0.3", "low_imputation_quality", 0.3),
        ("IMP", "imputation_quality_unknown", None),
        ("TYPED_ONLY;R2=0.3", "called", 0.3),
        ("TYPED;R2=0.3", "low_imputation_quality", 0.3),
        ("R2=inf", "imputation_quality_unknown", None),
        (".", "called", None),
    ],
)
def test_whole_genotypes_of_an_imputed_pvar_are_imputed(tmp_path, info, state, quality):
    path = _pgen(tmp_path)
    pvar = tmp_path / "set.pvar"
    pvar.write_text(pvar.read_text().replace("R2=0.95", info))
    call = _decided(path).calls(1)["rs2234693"]
    assert state in (call.state, call.reason)
    assert call.imputation_quality == (None if quality is None else pytest.approx(quality))


def test_a_set_cannot_be_uploaded(tmp_path):
    for path in (_bed(tmp_path), _pgen(tmp_path)):
        with pytest.raises(InputFileError, match="cannot be sent alone"):
            read_genotypes(path, TARGETS, Limits(size=2**30))
