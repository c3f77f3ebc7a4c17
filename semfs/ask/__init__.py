"""From a question to an answer with numbered sources."""
