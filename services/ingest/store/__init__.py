"""What ingest owns, at rest. Rows never leave this package; callers get domain values."""
