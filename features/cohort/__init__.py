"""What does a study hold? Its table through its manifest: who counts, with which inputs and which outcome.

report           what is known of a cohort once it has been read
outcome          favourable or not, and the weights that stand in for those whom censoring hides
table            a table file as text, exactly as declared
columns          texts of a column to numbers, levels, flags, days, calls
persons          a number per person, and rows that stand twice
mixed_units      two units in one column, noted
genotype_file    a genotype file joined to the rows by sample name
somatic_columns  somatic states from columns, lists of variants, or a mutation file
bind             the manifest applied to its table
describe         canonical rows to the report
read             the whole cohort: canonical columns, outcomes, who does not count and why
page/            the report drawn
"""
