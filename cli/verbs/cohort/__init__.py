"""A study's data file: made up, fetched, or checked.

simulate  `esr simulate`: a synthetic cohort with a stated truth
example   `esr example`: a public real cohort
check     `esr check`: what a data file holds for an endpoint, before anybody trains on it
"""
