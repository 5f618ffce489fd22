"""Runs one of our modules on another data folder or database than this process's own.

`python -m leadline.config.elsewhere`, with {"module", "data", "database_url"} as JSON on standard
input: there, no password shows in the list of processes. `database_url` may be "" (the embedded
SQLite of the folder) or missing (as in the environment).
"""

import json
import os
import runpy
import sys


def main() -> None:
    """Point the environment elsewhere, before anything has read it; then be that module."""
    wish = json.load(sys.stdin)
    os.environ["LEADLINE_DATA"] = wish["data"]
    if "database_url" in wish:
        os.environ["LEADLINE_DATABASE_URL"] = wish["database_url"]
    runpy.run_module(wish["module"], run_name="__main__")


if __name__ == "__main__":
    main()
