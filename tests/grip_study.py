"""A user's own endpoint and cohort, as files: grip strength on testosterone."""

from __future__ import annotations

from pathlib import Path

ENDPOINT = """
title = "Grip strength on testosterone"
population = "Women after menopause with low grip strength"
favourable = "grip strength at least 10 % above baseline after six months"
time_at_risk_days = 182
therapies = ["testosterone-women", "placebo", "oxandrolone"]
comparator = "placebo"
covariates = ["age", "grip_strength"]
variants = ["rs2234693", "rs1042717"]
required = ["therapy", "grip_strength"]
interactions = [["therapy", "rs2234693"]]
is_not = ["It is not a risk of falls."]

[outcome]
kind = "change"
covariate = "grip_strength"
relative_change = 0.10

[[eligibility]]
covariate = "age"
minimum = 45
reason = "women from 45 years on"

[declared_covariates.grip_strength]
label = "Grip strength"
kind = "continuous"
unit = "kg"
possible = [0, 150]
plausible = [5, 80]

[declared_therapies.oxandrolone]
label = "Oxandrolone"
therapy_class = "androgens"
mechanism = "androgen receptor agonist, hardly aromatised"
dose_unit = "mg/d"

[declared_variants.rs1042717]
gene = "ESR1"
alleles = ["G", "A"]
effect_allele = "A"
gene_strand = "+"
palindromic = false
consequence = "synonymous variant"
status = "unverified"
sources = ["dbSNP rs1042717"]
"""


COHORT = """
title = "Our grip study"
design = "randomised"
synthetic = false
licence = "internal"
citation = "none"
ancestry = "not stated"

[therapy]
column = "arm"
codes = { T = "testosterone-women", P = "placebo" }

[covariates]
age = { column = "age", unit = "a" }
grip_strength = { column = "grip0", unit = "kg" }

[follow_up]
grip_strength = { column = "grip6", unit = "kg" }

[genotypes]
rs2234693 = { column = "pvuii", strand = "forward" }
"""


def write(folder: Path, name: str, text: str) -> str:
    """Write a TOML file and return its path."""
    path = folder / name
    path.write_text(text)
    return str(path)
