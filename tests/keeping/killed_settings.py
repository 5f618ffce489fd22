"""The settings of a later version whose migrations end as a test wishes."""

from leadline.config.settings import *  # noqa: F403
from leadline.config.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "tests.keeping.killed"]
