"""Reads across capabilities."""
