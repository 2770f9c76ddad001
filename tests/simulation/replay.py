"""Shows the world of a seed: `python -m tests.simulation.replay 42 [--bug no-inbox]`."""

import argparse
import sys

from tests.simulation import checker, running
from tests.simulation.bugs import BUGS


def main() -> int:
    """Prints all that happened, and the rules that were broken; 1 if any was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int, nargs="+")
    parser.add_argument("--bug", choices=sorted(BUGS), default="")
    parser.add_argument("--digest", action="store_true", help="only what tells histories apart")
    told = parser.parse_args()
    broken = False
    for seed in told.seed:
        history = running.history(seed, told.bug)
        if told.digest:
            print(seed, history.digest())
            continue
        print(*history.events, sep="\n")
        faults = checker.faults(history)
        print(*(f"BROKEN: {fault}" for fault in faults), sep="\n")
        broken = broken or bool(faults)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
