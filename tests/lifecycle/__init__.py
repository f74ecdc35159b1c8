"""The life of a run: what counts as an end, and as what kind."""
