"""What does the software know? The shapes of the TOML rows, and whether the rows agree with each other.

rows          the shapes of variants, evidence, covariates and therapies
haplotype     haplotypes of neighbouring sites as features, and what a scorecard keeps of them
endpoint      an endpoint: who, what, when, for which therapies, from what inputs, and what the number is not
assays        the tumour assays that are known by name
cohort        a cohort manifest: one data set's columns, codes and units bound to our names
catalogue     all rows by id, and what an endpoint's own declarations add to them
terms         an endpoint and the catalogue as one thing to ask
released      what models were trained with: digests of the panel and of its rows, written down for good
row_faults    what is wrong with a single row
cross_faults  what one row cannot know: that names exist, and that facts agree
load          the catalogue read, checked and held once per process, or from another folder; a user's own files too
"""
