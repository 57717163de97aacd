"""Purchases while everything goes wrong, and then the question whether money and machines agree."""
