"""What does a tumour file say of ESR1? One module per format; absence is judged by who was tested.

kinds           which kind of tumour file or folder it is, and which reader reads it
maf             MAF files, streamed
study           a cBioPortal study: who was tested, and what was found
names_list      a list of HGVS names, as a report's table is copied out
vcf             a tumour's VCF, by annotation where there is one and by position always
vcf_lines       the lines of a VCF that concern ESR1's chromosome, and whose columns they have
vcf_build       the genome build of a tumour's VCF
vcf_columns     a sample's column: is an allele there, in how many reads, what leaves it open
vcf_annotation  what VEP or SnpEff wrote into a record about ESR1
"""
