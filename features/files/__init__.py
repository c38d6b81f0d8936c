"""Any file: how is it opened, unpacked, cut into lines and rows? Nothing here knows medicine, or pandas.

local         a local file as bytes: no URL, no folder
packing       how a file is packed, and its content as it unpacks, counted
opening       one way to open a file: its content as bytes, or as lines of checked text
header        how a table is written, and what its header must and must not hold
rows          the rows of a table, every one as wide as its header
parquet       a Parquet file as text, with the same refusals as a text file
sample_names  names of samples: text that is shown and compared, never a path and never trusted
whole         a file written whole or not at all
faults        faults of a file, collected over all columns and raised as one error
"""
