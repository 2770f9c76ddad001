"""Owns alerts: their life, who answered them, and what happened to them."""
