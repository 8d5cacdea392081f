"""Duties, responders, categories and components."""
