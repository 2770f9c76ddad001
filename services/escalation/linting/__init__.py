"""Looks for what would go wrong at night. Each module looks at one kind of thing."""
