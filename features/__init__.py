"""From what people have to a design matrix: the same code for one patient of a request and for a whole cohort.

units      values in the catalogue's units
clinical   one clinical value: type, unit, range, level
genotype   letters to a genotype call
somatic    tumour findings to states
resolve    a request's patient to canonical values, problems, warnings
encode     canonical values to the design matrix; it has no fit
table      a file as text, read strictly
columns    a file's columns bound to our names, faults collected
cohort     a whole cohort: who is eligible, with which outcome
outcome    outcomes and censoring weights
quality    call rates, frequencies, Hardy-Weinberg, linkage
report     what `esr check` says
"""
