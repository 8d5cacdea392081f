"""Import files of cases: survey the whole file, then judge and write it chunk by chunk.

Callers use `imports` with the `options` a person chose, and read its `report`. The order of the
work is `survey`, `chunks`, `writing`; `runs` lets an interrupted import continue.
"""
