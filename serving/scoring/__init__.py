"""What is the number? A scorecard evaluated exactly, with contributions and interval.

layout  a scorecard as arrays
score   log-odds, probability, contributions and replicate quantiles
"""
