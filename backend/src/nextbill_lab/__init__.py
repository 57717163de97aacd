"""Drives a whole system from outside, as its customers and vendors see it: demo and benchmarks. Shares no code with the product or the simulators."""
