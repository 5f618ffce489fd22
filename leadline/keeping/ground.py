"""Makes an empty database ready to be filled: `python -m leadline.keeping.ground`, through
`elsewhere`."""

import json
import os


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    import django

    django.setup()
    from leadline.keeping import schema

    schema.migrate()
    print(json.dumps({"is_current": schema.is_migrated()}), flush=True)


if __name__ == "__main__":
    main()
