"""What does one patient's request mean? Its fields to canonical values, problems and warnings.

terms      an endpoint and the catalogue made ready for many patients
genotypes  genotypes as a request states them: letters, or calls with their state
resolve    a patient to canonical values, with all that is wrong, doubtful or ineligible
flat       patients in flat columns, as a table or an MLflow frame has them
flat_file  a file of patients in flat columns, a block of rows at a time
"""
