"""The rules of escalation, pure: no clock, no database, no network."""
