"""Staff's view across capabilities. Nobody calls it."""
