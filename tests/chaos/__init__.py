"""Crawls that are killed, frozen and resumed until they end: what is left must be exact."""
