"""How does a cohort's report look? One HTML page: advice first, a chart per question, every number.

charts  which chart answers which question
html    the page
"""
