"""What to fetch next, what is being fetched, what is done, what is published."""
