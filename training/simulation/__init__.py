"""Made-up patients: drawn from a stated truth, always marked as synthetic; and a public cohort to begin with.

covariates   clinical covariates from the catalogue's typical values, correlated and eligible
genotypes    genotypes with the linkage around ESR1 intron 1, and somatic findings
outcome      outcomes from a stated truth
simulate     a cohort for an endpoint
write        the table, its manifest and the truth, each of them whole
public_data  public real data for somebody who has none yet
"""
