"""The `tocsin` command: starts the embedded suite, and is otherwise a client like any other."""
