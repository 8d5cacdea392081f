"""Pages of responders, duties and components, and of their imports."""
