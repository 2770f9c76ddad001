"""What every service bolts onto. It knows no alert, no policy, no channel."""
