"""What do many fits say of each row? Folds, cross-fitting, bootstrap refits, and the metrics of both.

parallel   independent tasks on several processes, with the same result on any number
sample     a training cohort as arrays
refusals   what stops a training before anything is fitted
folds      stratified folds with all rows of a person together, or the user's own
metrics    discrimination, accuracy and calibration of probabilities
shrinkage  what a penalty hides from all refits alike
crossfit   every row scored by models that never saw it
bootstrap  refits of the whole pipeline: replicates and optimism
"""
