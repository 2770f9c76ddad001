"""All that notification keeps. Rows never leave this package; callers get domain values."""
