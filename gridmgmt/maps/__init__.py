"""Map documents, composed by Folium; fetches no data and knows no request."""
