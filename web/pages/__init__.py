"""What several pages share: errors, the menu, the base map, uploads, the page of a case."""
