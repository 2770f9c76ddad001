"""The rules of alerts: pure functions over frozen values, without clock, database or network."""
