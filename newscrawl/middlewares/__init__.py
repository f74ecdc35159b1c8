"""What happens to a request on its way out and to an answer on its way in."""
