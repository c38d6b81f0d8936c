"""What does a VCF or BCF say? By index where there is one, else as a stream of constant memory.

header        its version, its samples, and what it says about the genome build
record        the fixed columns, and how a line of text is taken apart
imputation    how genotypes came about: imputed or measured, and how well
reads         what a record's reads say of each genotype: none, how many, against it
alleles       the letter that each allele has at one site, whatever the record's representation
genotypes     the sample columns, as htslib gives them
sites         one record to readings of the sites that it covers
lines         the few lines of a text VCF that concern us
htslib        a file as htslib opens it: quiet, closed whatever happens, its faults as ours
index         the index beside a file: found, and checked against the very file
tumour_marks  how a tumour's VCF is told from a germline one
read          from the file to readings
"""
