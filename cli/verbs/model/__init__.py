"""Models: trained, listed, promoted, asked.

train       `esr train`: a cohort becomes registered models
registered  `esr models`: what is registered, and champions as folders
promote     `esr promote`: which version answers
predict     `esr predict`: the service's answer, for a file
"""
