"""The real parts that tests run against, each started by a context manager."""
