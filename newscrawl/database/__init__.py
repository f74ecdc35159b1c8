"""The database that holds the crawl's state: SQLite or PostgreSQL."""
