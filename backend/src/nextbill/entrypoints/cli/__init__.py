"""The command line: what it did, what next; data on stdout, progress on stderr."""
