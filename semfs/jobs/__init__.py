"""Requests carried out: the states of a job, its directory, its steps and what each operator does."""
