"""What was fetched, as WARC 1.1: records made, indexed, and read again."""
