"""Text in, values out: what is known of the site's pages. Nothing here knows Scrapy."""
