"""What tax can be told to do, one file a use case."""
