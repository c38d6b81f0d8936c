"""What exists: the facts that the software knows, the shapes of what is sent, and the documents that a model is.

Facts are TOML rows in this folder (`panel.toml`, `evidence.toml`, `covariates.toml`, `therapies.toml`, `assays.toml`,
`endpoints/`, `cohorts/`); shapes are frozen records. This package imports none of the others.

record      the frozen record that refuses unknown keys, its canonical bytes, and their digest
errors      every error that a user can meet, and the one table of fault codes
arrays      the arrays that numbers travel in, named once
catalogue/  what the software knows: rows, endpoints, cohorts, and whether they agree
wire/       what goes in and out: requests, answers, reports of files
model/      what a trained model is: scorecard, card, self-test, and the folder that holds them
"""

__version__ = "0.1.0"
