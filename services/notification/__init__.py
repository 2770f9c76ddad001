"""Owns the contacts of people, and tells people: notifications, their attempts and outcomes."""
