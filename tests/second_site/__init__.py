"""A second site, made up: it shows that a site is a folder, and that nothing else has to know of it."""
