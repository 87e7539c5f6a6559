"""A search for settings: a study of many trials, each of which is a run."""
