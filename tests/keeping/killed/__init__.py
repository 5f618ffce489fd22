"""An app of a version yet to come, during whose migrations a test lets the process end."""
