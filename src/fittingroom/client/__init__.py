"""A small signed client of this server, on the standard library alone.

It exists so that `fittingroom call` needs no SDK and so that a reader sees in two short files what a caller must do:
`signing` makes the TC3 headers, `api` sends one request and reads the envelope. Invariant: it speaks only what the
published API defines, so it would call any server of that API and knows nothing of this one's rooms.
"""

from fittingroom.client.api import ApiClient, CallFailed, CallRefused
from fittingroom.client.signing import Credential

__all__ = ["ApiClient", "CallFailed", "CallRefused", "Credential"]
