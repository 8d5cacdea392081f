"""Cases and their events, as stored, and the conditions by which they are found."""
