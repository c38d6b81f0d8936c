"""From what people have to a design matrix: the same code for one patient of a request and for a whole cohort.

A request's letters pass `patient`, `germline` and `matrix`; a genotype file passes `files`, `germline/readers` and
`germline/calling`; a cohort's table passes `files`, `values` and `cohort`.

files/     any file: opened, unpacked, cut into lines and rows
values/    one clinical value and its unit
drawing/   charts as SVG text
germline/  letters, positions, strands, builds: a genotype file to six-state calls
somatic/   what a tumour shows: variants of ESR1, and the state of each mutation
matrix/    canonical values to numbers: the one encoder, haplotypes
patient/   one patient: a request's fields to canonical values and problems
quality/   the genotypes of many people, judged
cohort/    a study: who counts, with which outcome, from which columns
"""
