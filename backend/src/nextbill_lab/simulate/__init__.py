"""A year of a hosting company, played in minutes and counted again by somebody else."""
