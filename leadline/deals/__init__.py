"""Money expected and won.

Owns: deals and every change of a deal.
Must not know: screens; this is the minimum that the funnel by source needs.
"""
