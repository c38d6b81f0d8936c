"""What exists: the TOML catalogue, the typed records, the scorecard and model card documents, the errors.

Rows are TOML (`panel.toml`, `evidence.toml`, `covariates.toml`, `therapies.toml`, `endpoints/`, `cohorts/`); shapes are
the frozen records in the modules beside them. This package imports none of the others.
"""

__version__ = "0.1.0"
