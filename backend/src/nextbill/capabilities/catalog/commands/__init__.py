"""What the catalog can be told, one file a use case."""
