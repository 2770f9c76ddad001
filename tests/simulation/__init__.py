"""Whole worlds of Tocsin, run by a seed: no clock, no network, every order of things reachable."""
