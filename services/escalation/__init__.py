"""Owns the people, their API tokens, the escalation policies and the runs along them."""
