"""Responders, duties and what they answer for, as stored."""
