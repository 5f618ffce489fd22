"""Opens an empty workspace in a new data folder: a child of the supervisor.

Reads who opens it from the file that it is given, and prints one JSON line, {"entrance"} or
{"problem"}. Nothing comes from the folder that was served before.
"""

import json
import os
import sys
from pathlib import Path

import django
import msgspec

from leadline.lib import parent
from leadline.lib.folder_move import Own


def run(own: Own) -> str:
    """Database, owner, rules and browser key; returns the one-time entrance of the owner.

    Raises NotAcceptable, AlreadyClaimed, PlaybookError.
    """
    django.setup()
    from django.conf import settings

    from leadline.lib import clock, ids
    from leadline.playbooks import opening
    from leadline.worker import prepare
    from leadline.workspace import entrances

    now = clock.now()
    prepare.migrate()
    owner = opening.open_workspace(
        email=own.email, password=ids.token(), name=own.name, workspace_name=own.workspace_name,
        time_zone=own.time_zone, country=own.country, currency=own.currency, language=own.language,
        playbook=own.playbook, base_url=own.base_url, now=now,
    )  # fmt: skip
    owner.password = own.password_hash
    owner.save(update_fields=["password"])
    note = {"base_url": own.base_url, "owner": owner.email}
    (settings.ENVIRONMENT.data / "set_up.json").write_text(json.dumps(note))
    return entrances.give(now=now)


def main(file: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    own = msgspec.json.decode(file.read_bytes(), type=Own)
    file.unlink()
    print(json.dumps({"entrance": run(own)}), flush=True)


if __name__ == "__main__":
    parent.end_with(int(sys.argv[1]))
    main(Path(sys.argv[2]))
