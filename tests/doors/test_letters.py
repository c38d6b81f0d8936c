"""Two letters get one answer at every door: requests, flat tables, cohort columns, genotype tables, arrays.

What differs on purpose: a genotype that cannot be read refuses a request's patient, a row of a flat table and a cohort,
and fails one sample of a genotype file. Code and sentence are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from data_schemas.catalogue.cohort import Cohort, Column, GenotypeColumn
from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from data_schemas.wire.patient import Patient
from features.cohort.read import read_cohort
from features.germline.calling.calls import REASONS
from features.germline.calling.match import match_file, match_report
from features.patient.flat_file import read_patient_file
from features.patient.resolve import resolve
from features.patient.terms import PatientTerms

CATALOGUE = load_catalogue()
TERMS = PatientTerms(CATALOGUE.endpoints["mht-ldl-response"], CATALOGUE)
PVUII, XBAI, ANCHOR = "rs2234693", "rs9340799", "rs2077647"
ELIGIBLE = {"age": 58, "sex": "female", "menopausal_status": "postmenopausal"}

DIGITS = ("invalid_genotype", "digits are codes of another format (VCF indices, PLINK, dosages); give the letters")
CODES = ("invalid_genotype", "A and B are an array's names of its two alleles, not bases; give the letters")
WORDS = ("invalid_genotype", "give two letters, as in T/C; expected T or C")
LOGICAL = ("invalid_genotype", "TRUE and FALSE are no letters, a program took T and F for them")
ONE = ("invalid_genotype", "one letter only; give both alleles, also where they are the same")
OTHER = ("unknown_allele", "an allele that the site does not have")
STRAND = ("strand_mismatch", "the letters fit only on the")

# A genotype of PvuII (T or C), and what is right: its letters, why there is no call, or code and sentence.
SPELLINGS: dict[str, str | tuple[str, str]] = {
    **dict.fromkeys(("T/C", "TC", "T|C", "T C", "t/c", "C/T", "T / C", "T:C", "C|T", "(C;T)", "(T/C)", " T/C "), "C/T"),
    **dict.fromkeys(("Heterozygous C/T", "heterozygous ct", "HET C/T", "Het: T/C"), "C/T"),
    **dict.fromkeys(("CC", "C/C", "c c", "C:C", "Homozygous C/C", "hom CC"), "C/C"),
    **dict.fromkeys(("--", "-", "-/-", "./.", ".|.", ".", "..", "N", "NN", "N/N", "00", "0 0", "?", "??"), "no_call"),
    **dict.fromkeys(("Undetermined", "No Call", "NoCall", "NTC", "NC", "FAIL", "Uncallable"), "no_call"),
    **dict.fromkeys(("T/-", "T-", "T/N", "-/C", "A/.", "T/0", "T0", "./C", "T/?"), "half_call"),
    **dict.fromkeys(("NA", "N/A", "nan", "NaN", "null", "None", "NULL", "<NA>"), "not_assayed"),
    **dict.fromkeys(("0/0", "0/1", "1/1", "0|1", "./1", "1/2", "0", "1", "2", "11", "0.97", "1.5", "1 2"), DIGITS),
    **dict.fromkeys(("AB", "BB", "A/B", "B/B", "B", "a b"), CODES),
    **dict.fromkeys(("A", "T", "c"), ONE),
    **dict.fromkeys(("AA", "A/G", "GG", "g|a"), STRAND),
    **dict.fromkeys(("T/A", "C/G", "GC", "T/I", "I/D", "DD", "II", "TT/C", "TCC", "<DEL>", "*", "T/*"), OTHER),
    **dict.fromkeys(("T/T/T", "T//C", "/", "R", "het", "Homozygous", "Homozygous C/T", "T>C", "X/Y", "Т/С"), WORDS),
    **dict.fromkeys(("TRUE", "TRUE/C", "T FALSE"), LOGICAL),
}  # fmt: skip
WHOLE = (DIGITS, CODES)
"""What is said of the whole column, of a genotype file too."""


class Answer(NamedTuple):
    """What a door makes of a genotype: letters, reason or fault code; whether it refused; all that it says."""

    what: str | None
    refused: bool
    said: str = ""


def of_request(text: str | None, folder: Path) -> Answer:
    patient = Patient.model_validate({"covariates": ELIGIBLE, "genotypes": {PVUII: text}})
    return of_patient(patient)


def of_patient(patient: Patient) -> Answer:
    found = resolve(patient, TERMS)
    if found.problems:
        (problem,) = found.problems
        return Answer(problem.code, True, problem.detail)
    return of_call(found.genotypes[PVUII])


def of_call(call) -> Answer:
    what = "not_assayed" if call.state == "not_assayed" else call.alleles or call.reason
    return Answer(what, False, REASONS.get(call.reason or "", ""))


def of_flat_table(texts: Sequence[str], folder: Path) -> list[Answer]:
    path = folder / "patients.tsv"
    path.write_text(f"age\t{PVUII}\n" + "".join(f"58\t{text}\n" for text in texts))
    try:
        patients = [patient for block in read_patient_file(path, TERMS) for patient in block]
    except InputFileError as error:
        return [Answer(error.code, True, error.message)] * len(texts)
    return [of_patient(patient) for patient in patients]


def of_cohort(texts: Sequence[str], folder: Path) -> list[Answer]:
    path = folder / "cohort.csv"
    path.write_text(
        "person,arm,ldl,ldl1,pvuii\n" + "".join(f"p{k},1,{140 + k},110,{text}\n" for k, text in enumerate(texts))
    )
    try:
        data = read_cohort(path, COHORT, TERMS)
    except InputFileError as error:
        return [Answer(error.code, True, error.message)] * len(texts)
    letters = {0.0: "T/T", 1.0: "C/T", 2.0: "C/C"}
    states = data.report.genotype_states[PVUII]
    rest = next((state for state in states if state != "called"), None)
    return [Answer(letters.get(dosage, rest), False) for dosage in data.table[PVUII]]


def of_file(path: Path, n: int) -> list[Answer]:
    try:
        match = match_file(path, CATALOGUE)
    except InputFileError as error:
        return [Answer(error.code, True, error.message)] * n
    notes = " ".join(match_report(match).notes)
    answers = [of_call(match.calls.calls(number)[PVUII]) for number in range(n)]
    return [one._replace(said=f"{one.said} {notes}") for one in answers]


def of_wide_table(texts: Sequence[str], folder: Path) -> list[Answer]:
    path = folder / "wide.tsv"
    rows = "".join(f"p{k}\t{text}\tA/G\tT/C\n" for k, text in enumerate(texts))
    path.write_text(f"sample\t{PVUII}\t{XBAI}\t{ANCHOR}\n{rows}")
    return of_file(path, len(texts))


def of_long_table(texts: Sequence[str], folder: Path) -> list[Answer]:
    path = folder / "long.tsv"
    # letters of other SNPs stand in the same column, and would tell a zero from a code
    others = "" if set(texts) & {"0", "0/0"} else f"p0\t{XBAI}\tA/G\np0\t{ANCHOR}\tT/C\n"
    rows = "".join(f"p{k}\t{PVUII}\t{text}\n" for k, text in enumerate(texts))
    path.write_text(f"sample\trsid\tgenotype\n{others}{rows}")
    return of_file(path, len(texts))


COHORT = Cohort(
    id="letters",
    title="made up",
    design="randomised",
    synthetic=True,
    licence="none",
    citation="none",
    ancestry="not stated",
    row_id="person",
    therapy=Column(column="arm", codes={"1": "cee-mpa", "0": "placebo"}),
    covariates={
        "sex": Column(constant="female"),
        "menopausal_status": Column(constant="postmenopausal"),
        "ldl_cholesterol": Column(column="ldl", unit="mg/dL"),
    },
    follow_up={"ldl_cholesterol": Column(column="ldl1", unit="mg/dL")},
    genotypes={PVUII: GenotypeColumn(column="pvuii", strand="forward")},
)
TABLES = {"flat": of_flat_table, "cohort": of_cohort, "wide": of_wide_table, "long": of_long_table}
GENOTYPE_TABLES = {"wide": of_wide_table, "long": of_long_table}


def check(answer: Answer, right: str | tuple[str, str], refuses: bool) -> None:
    if isinstance(right, str):
        assert (answer.what, answer.refused) == (right, False)
    else:
        code, sentence = right
        assert (answer.what, answer.refused) == (code, refuses)
        assert sentence in answer.said


@pytest.mark.parametrize(("text", "right"), SPELLINGS.items())
def test_a_request(text, right, tmp_path):
    check(of_request(text, tmp_path), right, refuses=True)


@pytest.mark.parametrize(("text", "right"), SPELLINGS.items())
def test_a_flat_table(text, right, tmp_path):
    check(of_flat_table([text], tmp_path)[0], right, refuses=True)


@pytest.mark.parametrize(("text", "right"), SPELLINGS.items())
def test_a_cohort_column(text, right, tmp_path):
    # a cohort keeps states without their reasons
    kept = "failed_qc" if right in ("no_call", "half_call") else right
    check(of_cohort([text, "C/T"], tmp_path)[0], kept, refuses=True)


@pytest.mark.parametrize("door", GENOTYPE_TABLES)
@pytest.mark.parametrize(("text", "right"), SPELLINGS.items())
def test_a_genotype_table(text, right, door, tmp_path):
    check(GENOTYPE_TABLES[door]([text], tmp_path)[0], right, refuses=right in WHOLE)


ARRAY_HEAD = "# This data file generated by 23andMe at: x\n# rsid\tchromosome\tposition\tgenotype\n"
ANCESTRY_HEAD = "#AncestryDNA raw data download\nrsid\tchromosome\tposition\tallele1\tallele2\n"


def of_array(letters: str, folder: Path, head: str = ARRAY_HEAD) -> Answer:
    path = folder / "array.txt"
    apart = "\t" if "allele1" in head else ""
    others = (f"rs2077647\t6\t152129077\tC{apart}T\n", f"rs9340799\t6\t152163381\tA{apart}G\n")
    if letters in ("0", "0/0"):  # letters of other SNPs would tell a zero from a code
        others = ("", "")
    path.write_text(f"{head}{others[0]}{PVUII}\t6\t152163335\t{letters}\n{others[1]}")
    return of_file(path, 1)[0]


@pytest.mark.parametrize(("text", "right"), [*SPELLINGS.items(), ("CT", "C/T")])
def test_an_array(text, right, tmp_path):
    check(of_array(text, tmp_path), right, refuses=right in WHOLE)


TWO_CELLS = {("T", "C"): "C/T", ("c", "t"): "C/T", ("-", "-"): "no_call", ("0", "0"): "no_call",
             ("T", "-"): "half_call", ("T", "0"): "half_call", ("T", "A"): OTHER, ("A", "G"): STRAND,
             ("A", "B"): CODES, ("1", "2"): DIGITS, ("D", "I"): OTHER}  # fmt: skip
IN_TABLES = {("", ""): "not_assayed", ("NA", "NA"): "not_assayed", ("T", ""): "half_call", ("TRUE", "C"): LOGICAL,
             ("T/C", "T"): WORDS}  # fmt: skip


@pytest.mark.parametrize(("cells", "right"), [*TWO_CELLS.items(), *IN_TABLES.items()])
def test_two_letters_in_two_columns_of_a_table(cells, right, tmp_path):
    path = tmp_path / "long.tsv"
    rows = [(PVUII, *cells), (XBAI, "A", "G"), (ANCHOR, "T", "C")]
    path.write_text("sample\trsid\tallele1\tallele2\n" + "".join("\t".join(("p", *row)) + "\n" for row in rows))
    check(of_file(path, 1)[0], right, refuses=right in WHOLE)


@pytest.mark.parametrize(("cells", "right"), [*TWO_CELLS.items(), *IN_TABLES.items()])
def test_two_letters_in_two_columns_of_an_array(cells, right, tmp_path):
    check(of_array("\t".join(cells), tmp_path, ANCESTRY_HEAD), right, refuses=right in WHOLE)


def test_an_empty_text_is_not_assayed_in_a_table_and_refused_in_a_request_that_has_null(tmp_path):
    answer = of_request("", tmp_path)
    assert (answer.what, answer.refused) == ("invalid_genotype", True)
    assert "null" in answer.said
    assert of_request(None, tmp_path).what == "not_assayed"
    for door in TABLES.values():
        assert [one.what for one in door(["", "C/T"], tmp_path)] == ["not_assayed", "C/T"]


# A column is judged as a whole: by its texts, and the answers that each row gets.
COLUMNS: dict[tuple[str, ...], tuple[str | tuple[str, str], ...]] = {
    ("0/0", "0/1", "1/1"): (DIGITS,) * 3,
    ("0/0", "0/0", "./."): (DIGITS, DIGITS, "no_call"),
    ("0", "1", "2"): (DIGITS,) * 3,
    ("0", "0", ""): (DIGITS, DIGITS, "not_assayed"),
    ("11", "12", "00"): (DIGITS, DIGITS, "no_call"),
    ("T/C", "0/1", "C/C"): ("C/T", DIGITS, "C/C"),
    ("AA", "AB", "BB"): (STRAND, CODES, CODES),
    ("T/C", "00", "C/C"): ("C/T", "no_call", "C/C"),
    ("T C", "CC", "c:t"): ("C/T", "C/C", "C/T"),
}


@pytest.mark.parametrize("door", ["cohort", "wide", "long"])
@pytest.mark.parametrize("texts", COLUMNS)
def test_a_column_of_codes_holds_no_letters(texts, door, tmp_path):
    rights = COLUMNS[texts]
    whole = next((right for right in rights if right in WHOLE), None)
    for answer, right in zip(TABLES[door](texts, tmp_path), rights, strict=True):
        kept = "failed_qc" if door == "cohort" and right == "no_call" else right
        check(answer, whole or kept, refuses=whole is not None)


@pytest.mark.parametrize("texts", COLUMNS)
def test_a_row_of_a_flat_table_is_judged_alone_but_for_an_arrays_codes(texts, tmp_path):
    rights = COLUMNS[texts]
    coded = CODES in rights
    for answer, right in zip(of_flat_table(texts, tmp_path), rights, strict=True):
        check(answer, CODES if coded else right, refuses=True)


@pytest.mark.parametrize("door", GENOTYPE_TABLES)
@pytest.mark.parametrize("zero", ["0", "0/0", "0|0"])
def test_a_zero_beside_letters_fails_its_sample(zero, door, tmp_path):
    one, two, three = GENOTYPE_TABLES[door](["T/C", zero, "C/C"], tmp_path)
    assert (one.what, three.what) == ("C/T", "C/C")
    check(two, DIGITS, refuses=False)


@pytest.mark.parametrize("door", GENOTYPE_TABLES)
def test_codes_at_another_snp_of_the_column_are_seen(door, tmp_path):
    path = tmp_path / "coded.tsv"
    if door == "wide":
        path.write_text(f"sample\t{XBAI}\t{PVUII}\np1\tAA\tAB\np2\tAA\tBB\n")
    else:
        path.write_text(f"sample\trsid\tgenotype\np1\t{XBAI}\tAA\np1\trs1\tAB\np2\t{XBAI}\tAA\np2\trs1\tBB\n")
    check(of_file(path, 2)[0], CODES, refuses=True)


@pytest.mark.parametrize(("alleles", "right"), [("A\tB", CODES), ("1\t2", DIGITS), ("0\tT", "T/T")])
def test_the_alleles_of_a_plink_set(alleles, right, tmp_path):
    (tmp_path / "set.bim").write_text(f"6\t{PVUII}\t0\t152163335\t{alleles}\n")
    (tmp_path / "set.fam").write_text("f p 0 0 2 -9\n")
    (tmp_path / "set.bed").write_bytes(b"\x6c\x1b\x01\x03")
    check(of_file(tmp_path / "set.bed", 1)[0], right, refuses=True)


def test_plain_digits_are_told_how_to_be_counted(tmp_path):
    (answer, *_) = of_wide_table(["0", "1", "2"], tmp_path)
    assert f"name the column after the allele that they count, as in {PVUII}_T" in answer.said
    (answer, *_) = of_cohort(["0", "1", "2"], tmp_path)
    assert "declare the allele that they count (counts) in the manifest" in answer.said


@pytest.mark.parametrize("door", GENOTYPE_TABLES)
def test_phase_is_read_alike(door, tmp_path):
    path = tmp_path / "phased.tsv"
    if door == "wide":
        path.write_text(f"sample\t{PVUII}\t{XBAI}\np1\tT|C\tA|G\np2\t(C|T)\tA/G\n")
    else:
        rows = ("p1", PVUII, "T|C"), ("p1", XBAI, "A|G"), ("p2", PVUII, "(C|T)"), ("p2", XBAI, "A/G")
        path.write_text("sample\trsid\tgenotype\n" + "".join("\t".join(row) + "\n" for row in rows))
    calls = match_file(path, CATALOGUE).calls
    assert [calls.calls(k)[PVUII].phased for k in (0, 1)] == ["T|C", "C|T"]
    assert [calls.calls(k)[XBAI].phased for k in (0, 1)] == ["A|G", None]


def test_a_reverse_column_is_told_its_own_letters(tmp_path):
    path = tmp_path / "reverse.csv"
    path.write_text("person,arm,ldl,ldl1,pvuii\na,1,140,110,A/G\nb,1,141,110,R\n")
    reverse = {PVUII: GenotypeColumn(column="pvuii", strand="reverse")}
    with pytest.raises(InputFileError, match="as in A/G; expected A or G"):
        read_cohort(path, COHORT.model_copy(update={"genotypes": reverse}), TERMS)


def test_no_answer_repeats_what_was_written(tmp_path):
    secret = "Xq28-carrier"
    doors: list[Callable[[Sequence[str], Path], list[Answer]]] = list(TABLES.values())
    for answer in (of_request(secret, tmp_path), *(door([secret, "C/T"], tmp_path)[0] for door in doors)):
        assert answer.what == "invalid_genotype"
        assert secret not in answer.said
