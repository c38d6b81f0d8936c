"""Any file: how is it opened, unpacked, cut into lines and rows? Nothing here knows medicine, or pandas.

opening       one way to open a file: local, unpacked by us, counted, whole
textfile      a text file as checked lines
rows          a table as rows of fields, every row as wide as its header
parquet       a Parquet file as text, with the same refusals as a text file
sample_names  names of samples: text that is shown and compared, never a path and never trusted
faults        faults of a file, collected over all columns and raised as one error
"""
