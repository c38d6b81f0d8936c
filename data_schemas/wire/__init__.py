"""What goes in and out? The shapes of requests, answers and reports, over HTTP and on the command line.

patient     what a client sends: patients and the request around them
prediction  what the service answers
genotypes   what a genotype file gives: calls per sample and site, and how the file was matched
tumour      what a tumour file says of ESR1
problems    what is wrong with a request, as JSON pointers, without a value of the client
"""
