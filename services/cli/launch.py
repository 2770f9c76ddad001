"""Becomes another program, which ends when the process that started this one does.

Run as a file, before anything else is imported: `launch.py <parent's pid> <command>...`. Only
Linux can bind a child to its parent like that; elsewhere the children of a parent that was
killed without a chance to end them live on.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Runs the command in this process."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        # Not SIGTERM: who starts the suite again must not meet children that still drain.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):  # it was gone before the line above
            sys.exit("the parent is gone")
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"cannot start {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
