"""The client of the server benchmark, and the servers that it visits."""
