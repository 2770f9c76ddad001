"""What escalation owns, at rest. Rows never leave this package; callers get domain values."""

# Every table belongs to the one metadata, whichever of them is asked for first.
from services.escalation.store import schedule_tables as schedule_tables
