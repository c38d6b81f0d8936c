"""The service: in this process, beside the MLflow UI, or as a demonstration.

serve  `esr serve`: the service in this process
up     `esr up`: the service and the MLflow UI
demo   `esr demo`: the whole path on simulated patients
"""
