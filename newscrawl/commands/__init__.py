"""This project's verbs of the ``scrapy`` command, one a file."""
