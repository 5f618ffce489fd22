"""Names the tests that were skipped, with the reason: not_run.py REPORT.xml …

A test that needs data which may not be redistributed is skipped where the data is missing; it
must never look as if it had passed.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

EXPECTED = ("part of `make torture`", "about SQLite itself", "about PostgreSQL itself")


def skipped(report: Path) -> Iterator[tuple[str, str]]:
    """(test, reason) of each skipped test of a JUnit report."""
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314  # pytest wrote it
        mark = case.find("skipped")
        if mark is not None:
            yield f"{case.get('classname')}::{case.get('name')}", mark.get("message") or ""


def main(reports: list[str]) -> None:
    lines = [
        f"  {test}: {reason}"
        for report in reports
        if Path(report).is_file()
        for test, reason in skipped(Path(report))
        if not reason.startswith(EXPECTED)
    ]
    if lines:
        print(f"== {len(lines)} tests did not run on this machine:")
        print("\n".join(sorted(set(lines))))


if __name__ == "__main__":
    main(sys.argv[1:])
