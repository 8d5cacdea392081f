"""Files of cases on their way in: surveyed whole, then judged and written step by step.

Callers use `imports` with the `options` a person gave, and read its `report`. The order of the
way is `survey`, `batches`, `writing`; `runs` lets an interrupted import go on.
"""
