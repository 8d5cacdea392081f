"""Store responders, duties, and the places duties point at."""
