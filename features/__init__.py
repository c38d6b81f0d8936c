"""From what people have to a design matrix: the same code for one patient of a request and for a whole cohort.

units      values in the catalogue's units
clinical   one clinical value: type, unit, range, level
genotype   letters to a genotype call
somatic    tumour findings to states
plan       an endpoint made ready for many patients
stated_genotypes  a request's genotypes: letters, or calls with their state
resolve    a request's patient to canonical values, problems, warnings
encode     canonical values to the design matrix; it has no fit
textfile   a text file as checked lines
table      a table as text, read strictly; parquet likewise
columns    a file's columns as numbers, levels, days, calls; faults collected
scale      part of a column in another unit
binding    a manifest applied to its table
cohort     a whole cohort: who is eligible, with which outcome
outcome    outcomes and censoring weights
quality    call rates, frequencies, Hardy-Weinberg, linkage
report     what `esr check` says; describe fills it in
"""
