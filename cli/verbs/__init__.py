"""What can be asked of `esr`? One module per verb, in groups.

catalogue/  what the software knows
cohort/     a study's data: simulate, fetch an example, check
files/      genotype and tumour files
model/      train, list, promote, predict
service/    serve, keep up, demonstrate
"""
