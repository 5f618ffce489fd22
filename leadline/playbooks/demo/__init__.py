"""The demo workspace: a public pipeline of deals, and made-up people who behave by fixed rules.

It owns no rows and writes none of its own: people and teams, submissions through `flow.intake`,
deals through `deals.import_many`. What is real and what is made up stands in `about.md`.
"""

from leadline.playbooks.demo.building import Built, build

__all__ = ["Built", "build"]
