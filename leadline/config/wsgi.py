"""Django's WSGI application: the screens and the API."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
application = get_wsgi_application()
