"""The operator's console at `/console`: what a server does and how it is, to be looked at and never to be changed.

Signed in by a token that `serve` prints, it shows accounts, keys, use, queue, workers, the latest requests and health.
Invariant: no route changes anything but the console's own sessions, and nothing shown holds a secret, a photo, the URL
of one, or a parameter of a request.
"""

from fittingroom.pages.console.page import Console

__all__ = ["Console"]
