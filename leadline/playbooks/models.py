"""Which playbook was applied, when."""

from django.db import models

from leadline.workspace.columns import MicrosField


class AppliedPlaybook(models.Model):
    """A playbook as it was applied."""

    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    applied_at = MicrosField()
