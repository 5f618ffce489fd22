"""Fit and engagement."""
