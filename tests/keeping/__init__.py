"""Backups, restores, upgrades, moving: on real files, databases and processes."""
