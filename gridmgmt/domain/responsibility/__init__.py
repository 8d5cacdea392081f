"""What the bureau answers for and who answers: duties, responders, categories, components."""
