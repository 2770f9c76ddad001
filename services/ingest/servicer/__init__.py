"""Answers ingest's calls: one file per service of the protos."""
