"""What exists: the facts that the software knows, the shapes of what is sent, and the documents that a model is.

Facts are TOML rows in this folder: `panel.toml`, `evidence.toml`, `covariates.toml`, `therapies.toml`, `endpoints/` and
`cohorts/`; `genes.toml`, `genome.toml`, `assemblies.toml`, `populations.toml`, `assays.toml` and `simulation.toml`
behind them; and `released.toml`, what stored models were trained with. Shapes are frozen records; no other package is
imported.

record      the frozen record that refuses unknown keys, its canonical bytes, and their digest
errors      every error that a user can meet, and the one table of fault codes
arrays      the arrays that numbers travel in, named once
key_faults  from pydantic's findings to sentences that name the key and the cure
toml_file   a TOML file to frozen records, each error with file, key and cure
reference/  what holds whatever is asked: genes, genome builds, populations, what simulated patients are
catalogue/  what the software knows: rows, endpoints, cohorts, and whether they agree
wire/       what goes in and out: requests, answers, reports of files
model/      what a trained model is: scorecard, card, self-test, and the folder that holds them
"""

__version__ = "0.1.0"
