"""Reads of licenses, usage, alerts, leases."""
