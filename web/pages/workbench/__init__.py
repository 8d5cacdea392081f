"""What the pages of the workbench share."""
