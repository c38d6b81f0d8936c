"""A champion to answers: numbers, models, sentences, HTTP. No training library is imported here.

scoring/  scorecard and matrix in, exact numbers out; all that training may use of serving
models/   which model answers: registry, cache, verified and warm
answer/   patients in, explained probabilities out
http/     what a request meets before and at its route
service   the BentoML service; its name is a contract with `bentofile.yaml`
pyfunc    the registered model as MLflow's own tools load it; its name is a contract with registered models
"""
