"""The lake's part in an erasure: a tombstone, which is all that happens to it at once; and whom
shadow runs name."""

from leadline.analytics import shadow, tombstones
from leadline.lib import personal_data


def register() -> None:
    """Declare who erases; called when the application starts."""
    # An id alone: whoever exports a lead has it.
    personal_data.register(
        "analytics.Tombstone", holds=("lead_id",), eraser=tombstones.bury, exporter=None
    )
    personal_data.register(
        "analytics.ShadowRun", holds=("lead_ids",), eraser=shadow.forget, exporter=None
    )
