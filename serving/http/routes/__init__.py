"""What is answered at which address? One module per group of routes.

genotypes  `POST /v1/genotypes`: a genotype file in, calls out
openapi    the OpenAPI document, from the classes that validate
read       endpoints, models, panel, documentation
"""
