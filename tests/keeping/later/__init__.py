"""An app of a version yet to come."""
