"""From a cohort to a champion: fitted, cross-fitted, judged, registered, promoted.

simulation/  made-up patients from a stated truth
fitting/     one fit: grid, estimators, calibration, and the scorecard that they compile to
resampling/  many fits: folds, cross-fitting, bootstrap, metrics
evaluation/  what the fits say: performance, and whether genetics adds
registry/    what is kept: MLflow runs, versions, the model card, the champion
result       what a training found
train        a cohort and an endpoint in; models, performance and the verdict on genetics out
"""
