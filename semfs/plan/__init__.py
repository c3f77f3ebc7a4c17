"""Requests as programs: the plan language, its checks, passes and planner."""
