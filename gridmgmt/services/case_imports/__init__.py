"""Import files of cases: survey the whole file, then judge and write it step by step.

Callers use `imports` with the `options` a person chose, and read its `report`. The order of the
work is `survey`, `batches`, `writing`; `runs` lets an interrupted import continue.
"""
