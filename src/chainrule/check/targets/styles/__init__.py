"""Ways of writing a forward and its backward under other names and in other forms, one kind a file.

Imports: backward_calls, cached_functions, calls, errors, kinds, made_parameters, model, object_runs, objects,
pair, pinned, places, pytorch, remade, trial.
"""
