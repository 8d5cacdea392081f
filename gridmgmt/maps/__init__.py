"""Compose map documents with Folium; this package fetches no data and knows no request."""
