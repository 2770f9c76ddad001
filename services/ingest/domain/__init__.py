"""The rules of ingest, pure: no clock, no database, no network."""
