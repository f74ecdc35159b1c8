"""What was read: versions, records, and the files they are written to."""
