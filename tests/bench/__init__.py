"""What Tocsin costs, measured on real parts; each module is a command that checks its promises."""
