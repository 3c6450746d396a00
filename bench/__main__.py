"""`make bench`: every measurement, or those named: tree, clouds, api, looks, permissions."""

from __future__ import annotations

import argparse

WHAT = (
    "tree: configuration; clouds: four backends, one mute and one refusing; api: a real API server; looks: a real node;"
    " permissions: a tree of files on it"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("what", nargs="*", default=["tree", "clouds", "api", "looks", "permissions"], help=WHAT)
    parser.add_argument("--rounds", type=int, default=5, help="pairs that are measured (5)")
    options = parser.parse_args()
    for what in options.what:
        if what == "tree":
            from bench import tree

            tree.run(count=options.rounds)
        elif what == "clouds":
            from bench import clouds

            clouds.run(count=options.rounds)
        elif what == "api":
            from bench import api  # type: ignore[attr-defined,unused-ignore]

            api.run(count=options.rounds)
        elif what == "looks":
            from bench import looks

            looks.run(count=options.rounds)
        elif what == "permissions":
            from bench import permissions

            permissions.run(count=options.rounds)
        else:
            parser.error(f"no measurement is named {what!r}: tree, clouds, api, looks, permissions")


if __name__ == "__main__":
    main()
