"""Responders, duties, and the areas and objects they answer for.

Each noun has a module that imports it (`layer_imports` has all of them by name) and, if people
look it up, one that lists it: `duty_lists`, `duty_matrix` and `duty_audits` for duties,
`responder_lists`, `component_lists`.
"""
