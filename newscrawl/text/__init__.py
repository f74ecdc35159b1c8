"""What a text alone tells: cleaning, wire times, scripts, mentions. Nothing here imports Scrapy."""
