"""Shared by several pages: errors, the menu, the base map, uploads, the page of a case."""
