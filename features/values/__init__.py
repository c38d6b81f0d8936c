"""What is one clinical value? Its type, unit, range and level, the same for requests and cohorts.

units        UCUM in the catalogue, pint for the arithmetic, one cached line per pair of units
rule         the type, unit, range and level of one value
other_unit   whether part of a column stands in another unit than the rest
unit_blocks  blocks of rows in another unit where the values are plausible in either
"""
