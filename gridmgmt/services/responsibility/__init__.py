"""Who answers where for what: responders, duties, and the ground and things they answer for.

Each noun has a module that imports it (`layer_imports` knows them all by name) and, where
people look it up, one that lists it: `duty_lists`, `duty_matrix` and `duty_audits` for duties,
`responder_lists`, `component_lists`.
"""
