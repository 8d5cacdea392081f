"""Rows other than areas in drafts: duties, zones, members of groups and road segments.

`operations` are what can be done to them, `draft_rows` does it, `publication` stores them with
an edition, `taking_back` undoes that, `row_conflicts` finds what others changed meanwhile. All
kinds of rows are the same to these modules; what is special about one stands in its
`RecordStore`, which its import uses, too (`kinds`).
"""
