"""Readers of genotype files: each turns one format into `features.readings.Readings` and judges nothing.

`opening` opens and unpacks, `kinds` tells formats apart by content and names their readers.
"""
