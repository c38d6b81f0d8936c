"""What does a genotype file say? One module per format turns it into readings and judges nothing.

kinds          which format a file has, told by its content, and which reader reads it
array          consumer array exports
array_markers  a few common SNPs whose positions tell the build of an array file
array_vendors  whose array export a file is, told by its comments and header
columns        one site's texts to a reading: letters, or copies of a counted allele
table          tables of genotypes: one column per SNP, or one row per sample and SNP
snp_alleles    whether two columns of a long table are a person's letters or the SNP's alleles
plink_set      what PLINK 1 and 2 sets have in common: three files of one name
plink1         PLINK 1 sets (bed, bim, fam)
plink2         PLINK 2 sets (pgen, pvar, psam)
vcf/           VCF and BCF
"""
