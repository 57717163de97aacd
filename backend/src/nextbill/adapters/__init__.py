"""The outside world, one folder a vendor, behind the ports of the capabilities."""
