"""Give the library damaged and hostile inputs, and say what came of them.

    python Testing/Tools/fuzz.py                       a few of each kind
    python Testing/Tools/fuzz.py images --count 10000  as many as are asked for, of the kinds that are named
    python Testing/Tools/fuzz.py images --seed 4711    one of them again
    python Testing/Tools/fuzz.py images --library OLD/BrainTumorVAESeg    the same inputs for another state

An input is taken, or refused by an error of the library's own; all else is wrong: `silent` (taken in spite of damage
that a check sum tells), a crash, a hang of more than 20 s, a foreign exception or a message of many lines, a file
outside the input's own folder, more than 2 GiB of memory. Equal seeds make equal inputs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fuzzing.kinds import KINDS
from fuzzing.trying import LIBRARY, table, try_all


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"some of {', '.join(KINDS)} (all)")
    parser.add_argument("--count", type=int, default=60, help="inputs of each kind (60)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--seed", type=int, help="try this seed alone")
    parser.add_argument("--library", type=Path, default=LIBRARY, help="the folder that holds BrainTumorVAESegLib")
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"no kind {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    seeds = range(options.first, options.first + options.count) if options.seed is None else [options.seed]
    reports = [try_all(kind, seeds, options.library.resolve()) for kind in options.kinds or KINDS]
    print(table(reports))
    for report in reports:
        for seed, outcome, detail in report.wrong[:200]:
            print(f"{report.kind} {seed}: {outcome}: {detail}")
    return int(any(report.wrong for report in reports))


if __name__ == "__main__":
    sys.exit(main())
