"""Export what the map shows: figures by area, cases as points.

Callers use `exports` and `wanted`; `figures` and `case_points` define the fields of each layer.
"""
