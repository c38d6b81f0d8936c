"""Which model answers? Champions from the registry, a folder or the cache, each verified before it is used.

loaded    a bundle made ready: verified, laid out, shown to reproduce its stored answers
backoff   champions that were refused, and when each is worth another look
cache     verified bundles on disk, and each endpoint's last champion
registry  the one reader of the MLflow registry
store     the models being served, swapped as one reference
"""
