"""Every way of starting a crawl gives the same lines and the same verdict; what users add is heard."""
