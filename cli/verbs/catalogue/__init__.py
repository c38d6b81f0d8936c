"""What the software knows, printed.

show  `esr catalogue`: panel, evidence, covariates, therapies, endpoints
"""
