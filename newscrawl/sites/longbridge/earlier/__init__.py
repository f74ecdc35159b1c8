"""Readers of earlier days, as they were. They tell whether a text changed, or only how it is read.

They fill title, description and body and nothing else, and are never mended.
"""
