"""Other people's programs at work on our files; see each script for how it is run."""
