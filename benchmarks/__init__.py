"""Runnable measurements; each prints ratios against something else in the same run."""
