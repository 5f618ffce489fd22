"""Leadline's settings with the language of `tests.web.pseudo`, whose folder the test names."""

import os
from pathlib import Path

from leadline.config.settings import *  # noqa: F403
from leadline.config.settings import LANGUAGES, LOCALE_PATHS
from tests.web.pseudo import CODE

LANGUAGES = [*LANGUAGES, (CODE, "Pseudo")]
LOCALE_PATHS = [*LOCALE_PATHS, Path(os.environ["LEADLINE_TEST_LOCALE"])]
