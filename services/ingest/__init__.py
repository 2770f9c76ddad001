"""Owns alert sources and the event log: what a tool sends is on disk here before it is answered."""
