"""The assembly line of an article, one step a file, in the order that settings.py gives."""
