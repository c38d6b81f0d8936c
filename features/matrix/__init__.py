"""How do values become numbers? The one encoder, for training and serving, without a fit.

haplotype_em  haplotype frequencies from unphased genotypes by expectation-maximisation
haplotypes    haplotypes as columns: expected copies, from frequencies that the scorecard holds
choices       an endpoint with other effect models or haplotypes, as chosen on the command line
encode        canonical values to the design matrix
"""
