"""How good are the genotypes of many people? Numbers, and what to do about each finding.

records     what is reported of sites and people
sites       call rates, allele frequencies, Hardy-Weinberg, linkage; by ancestry
duplicates  who stands twice, or under another's name
people      who has calls, do frequencies fit, who is rare or missing
findings    what the numbers mean, in sentences, each with what to do
"""
