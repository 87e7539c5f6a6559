"""Why a gradient is wrong: the smallest explanation that reproduces a person's numbers.

Families of explanations are asked in turn, from the shortest; families/ holds one in each file. A family yields what
reproduces the numbers at the given inputs; the first guess that also does so at further random inputs is said.

Imports: model, replay, trial.
"""
