"""An early pytest plugin, loaded before Django's settings are read.

It swaps sqlite3 (by importing leadline), gives the run a data folder of its own, which goes with
it, and with `--postgres` starts a throw-away cluster and points the settings at it.
"""

import atexit
import os
import sys

import leadline  # noqa: F401  # the swap
from tests import cluster, made, scratch

if "PYTEST_XDIST_WORKER" not in os.environ:
    scratch.sweep()
    made.share()
os.environ["LEADLINE_DATA"] = str(scratch.folder("tests"))
os.environ["LEADLINE_SECRET_KEY"] = "only-for-tests-" + "k" * 40
for _name in ("LEADLINE_EMAIL_URL", "LEADLINE_BASE_URL"):
    os.environ.pop(_name, None)

# A cluster for each process: what one holds open hides what another wrote from whoever reads only
# what is settled (`pg_snapshot_xmin` counts the transactions of all databases).
_is_main = "PYTEST_XDIST_WORKER" not in os.environ
_inherited = os.environ.pop("LEADLINE_DATABASE_URL", "")
if "--postgres" in sys.argv if _is_main else _inherited:
    _running = cluster.running()
    os.environ["LEADLINE_DATABASE_URL"] = _running.__enter__()
    atexit.register(_running.__exit__, None, None, None)
