"""What is kept of a training? MLflow runs to compare, versions with their card, and the champion.

lock        one writer at a time
run_values  parameters, metrics and tags of a run, as plain values
signature   the columns that a registered model takes and gives
plots       figures: is the model calibrated, how do candidates compare
card        the model card of a training; nothing in it is invented
golden      the self-test that travels with a model
run         one MLflow run that is being written
tracking    MLflow as a registry that is written: experiments, runs, versions, aliases
promote     a version becomes champion, never silently over another's decision
record      what a training leaves in MLflow
"""
