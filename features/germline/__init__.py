"""What does a person carry? Letters, positions, strands and builds, from any source to six-state calls.

A file passes `readers` (what it says), then `calling` (what may be believed).

readings  what a genotype file says about our sites, before anything is decided
spelling  what a text says: two letters in any spelling, no call, or codes that are no letters
letters   two letters at one panel site to a genotype call
phase     on which side of the two letters the effect allele stands, and in which phase set
assemblies  other assemblies than builds 37 and 38, shown by a header and refused by name
contigs   names of chromosomes in genotype files
places    where the sites are, for a quick test of a record's position
readers/  a file to readings, one module per format; they judge nothing
calling/  readings to calls: build and strand proven, quality, several records
"""
