"""The ways to reach people, a file each; app.py says which there are."""
