"""The rules that route cases, and how they are explained.

`duty_book` decides one case, and explains the way from a position to the disposer; `duty_table`
decides many at once and must say the same. `trace` is what is kept of a decision, `explanation`
its words in English and Chinese; `bounces` and `reroute` ask the rules about many
cases.
"""
