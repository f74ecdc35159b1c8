"""What was fetched, read again: archived pages with today's reader. Nothing here is loaded by a crawl."""
