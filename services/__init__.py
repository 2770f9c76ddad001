"""Tocsin's services, and the chassis that all of them bolt onto."""
