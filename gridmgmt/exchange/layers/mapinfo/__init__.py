"""Read MapInfo tables: TAB with its companions, and the interchange form MIF with MID."""
