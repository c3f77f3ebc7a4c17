"""Running plans: states, steps, journal, sandbox."""
