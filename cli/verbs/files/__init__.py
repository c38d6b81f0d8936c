"""What a genotype or tumour file says.

genotypes  `esr genotypes`: calls of the panel's sites, and why a site is not called
tumour     `esr tumour`: somatic ESR1 variants, and what a file's silence means
"""
