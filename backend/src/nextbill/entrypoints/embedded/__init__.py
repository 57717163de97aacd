"""A whole sandbox on one machine: PostgreSQL, the simulated vendors, API and worker under one supervisor."""
