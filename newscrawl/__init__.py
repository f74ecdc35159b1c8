"""A crawler for the news pages of longbridge.com that writes JSON Lines."""

__version__ = "0.1.0"
