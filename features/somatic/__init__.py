"""What does a tumour show? Variants of ESR1, and whether each mutation was looked for and found.

gene       where ESR1 codes: from a genome position to the coding and protein change
residues   what a change makes of each residue, by its letters or by its name
names      HGVS names, short or long, and whether a name is a change of ESR1
states     tumour findings to one state per somatic variant of an endpoint
witness    what a row that proves nothing leaves open, and why
findings   what one name or change proves: the mutations in it, and those that it leaves open
molecules  changes of one codon put together: one molecule or two, and what is open where nobody says
samples    from a sample's variants to the state of each mutation
text       findings written as text, each with an allele fraction where the report gives one
readers/   a tumour file to a report, one module per format
"""
