"""Pages that nobody wrote: what must hold of any bytes, from answer to line. ``make fuzz`` makes more."""
