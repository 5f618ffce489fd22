"""The command line: translate the words of a command, make one call, print the result.

Knows every verb, owns no rows. Django is set up inside the commands that need it, so that
`leadline --help` answers at once. Errors are one sentence on standard error and exit code 2;
every command has `--json` for machines.
"""

from leadline.cli.root import main

__all__ = ["main"]
