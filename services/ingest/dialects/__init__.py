"""How foreign payloads become events: one module per dialect, each pure."""
