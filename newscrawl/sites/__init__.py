"""What is known of each site, a folder each. Nothing here imports Scrapy."""
