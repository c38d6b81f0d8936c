"""What do the fits prove? How well each candidate does, and whether genetics adds.

performance  each candidate cross-fitted, on its own rows, and less its optimism
permutation  do the genetic columns belong in the model at all
incremental  the verdict on genetics, in words
"""
