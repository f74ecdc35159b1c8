"""Which page is fetched next: the scheduler, leases, runs."""
