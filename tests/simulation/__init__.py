"""Whole worlds of Tocsin, run by a seed: no clock, no network, every order of things reachable.

Real: the consumers, the inbox, runs and their timers, claims, delivery and the outbox, over the
real tables, and the decisions about alerts. Modelled: the streams between, the providers, the
people. Transactions run as a whole, as on SQLite; whatever can come between two of them does.
"""
