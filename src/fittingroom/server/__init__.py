"""The server as a whole: the parts put together, the listening socket, starting and draining."""
