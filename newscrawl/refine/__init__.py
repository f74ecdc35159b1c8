"""What is concluded from an article's raw values. Nothing here imports Scrapy."""
