"""What holds whatever is asked? Genes, genome builds and populations, and what simulated patients are assumed to be.

gene         a gene's coding sequence and protein, and the genetic code
genome       genome builds, and what tells them in a file
assemblies   other assemblies, which are refused by their name
populations  the panel's populations, and the ancestry labels that belong to each
simulation   what simulated patients are assumed to be
"""
