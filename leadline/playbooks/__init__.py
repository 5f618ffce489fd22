"""Puts the parts together: a folder of YAML that can be applied, exported and compared.

Owns: applied versions. Each package offers parse, apply and export for its own part.
"""
