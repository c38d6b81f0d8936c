"""What is a trained model? Documents and one array, sealed in a folder; nothing of it is code.

scorecard  the fitted, calibrated model as a document that a person can read and diff
card       what was trained on whom, how well it does, and what it must not be read as
golden     the self-test that travels with a model
sealed     a folder of plain files, and a manifest with the SHA-256 of each
project    where a project's registry lies, and what models, aliases and outputs are called
panel      whether the catalogue still has the rows that a stored model uses
bundle     the folder that is registered, downloaded, verified and served
"""
