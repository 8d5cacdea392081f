"""Cases: the rows they come as, their states and events, their deadlines and doubles."""
