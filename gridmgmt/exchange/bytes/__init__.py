"""Bytes of files: inflated within limits, decoded, and written whole or not at all."""
