"""Pages of cases: lists, one case, imports, bounces, reroutes."""
