"""The screens: find, check permission, one call, render."""
