"""Judge cases: where each lies and who answers for it, by the edition and duties of its day.

Callers use `judge` for one case and `case_locator` with `case_router` for many; `point_answers`
for a position without a case. `reroutes` gives open cases to whom the edition in force makes
answerable. `router` decides for locations; `traces` stores why.
`edition_locators` and `router_cache` cache what is expensive to build, and never return
outdated data.
"""
