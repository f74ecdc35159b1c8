"""Ticker symbols to instruments, by dated tables of code ranges. Nothing here imports Scrapy."""
