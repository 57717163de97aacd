"""Reads of the catalog, by who asks."""
