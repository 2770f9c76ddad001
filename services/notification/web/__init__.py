"""The pages that people see in a browser: the one behind a link, and what is open."""
