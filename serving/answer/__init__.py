"""What is told? The probability with its words, or why there is none.

support  may this model answer for this patient
labels   how a value reads beside its contribution
context  what a reader of any answer must know about the model, in sentences
predict  patients in, explained probabilities out: the one path for HTTP, command line and MLflow
"""
