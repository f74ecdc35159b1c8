"""Where to start, what to yield, where to go next."""
