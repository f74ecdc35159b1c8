"""Connections: which addresses they may lead to, and how much of an answer is read."""
