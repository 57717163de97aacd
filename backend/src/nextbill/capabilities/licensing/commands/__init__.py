"""What can be done with licenses, by use case. None of these calls out; each runs in the caller's transaction."""
