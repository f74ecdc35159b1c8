"""One value in, its canonical form out, or a refusal. Nothing here knows Scrapy."""
