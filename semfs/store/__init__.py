"""What is kept on disk: the derived catalogue and the user's own state."""
