"""For developers: `.venv/bin/python manage.py makemigrations` and the like."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    os.environ.setdefault("LEADLINE_SECRET_KEY", "for-development-commands-only-" + "x" * 20)
    execute_from_command_line(sys.argv)
