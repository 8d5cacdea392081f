"""Where a case lies and who answers for it, by the edition and the duties of its day.

Callers use `judge` for one case and `case_locator` with `case_router` for many; `point_answers`
for a position without a case. `router` decides for places; `traces` writes down why.
`edition_locators` and `router_cache` keep what is costly to build, and never a stale one.
"""
