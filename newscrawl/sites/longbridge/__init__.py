"""longbridge.com: its addresses, how its pages are read, and what its ids tell."""
