"""`make bench`: every measurement, or those named: tree, api."""

from __future__ import annotations

import argparse


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("what", nargs="*", default=["tree", "api"], help="tree: configuration; api: a real API server")
    parser.add_argument("--rounds", type=int, default=5, help="pairs that are measured (5)")
    options = parser.parse_args()
    for what in options.what:
        if what == "tree":
            from bench import tree

            tree.run(count=options.rounds)
        elif what == "api":
            from bench import api  # type: ignore[attr-defined,unused-ignore]

            api.run(count=options.rounds)
        else:
            parser.error(f"no measurement is named {what!r}: tree, api")


if __name__ == "__main__":
    main()
