"""Configuration as a document: from names to records and back, and what differs."""
