"""Reads of tax, one file for each part."""
