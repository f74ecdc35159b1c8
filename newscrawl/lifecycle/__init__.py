"""The life of a run, from its beginning to its verdict. No setting can leave it out."""
