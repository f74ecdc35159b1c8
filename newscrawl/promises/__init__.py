"""What a healthy run looks like: what is counted of its pages, which bounds hold, and which were broken."""
