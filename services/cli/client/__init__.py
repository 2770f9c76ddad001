"""The commands that use a running Tocsin, through the public stubs, as any program would."""
