"""Use cases of invoicing, one file each."""
