"""The official lists, each read by its own module, and a user's own."""
