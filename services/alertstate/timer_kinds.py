"""What timers of alerts are called; their keys are alerts' ids."""

AUTO_RESOLVE = "auto-resolve"
SNOOZE = "snooze"
ACCEPT_EXPIRY = "accept-expiry"
