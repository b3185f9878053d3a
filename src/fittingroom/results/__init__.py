"""Results that are asked for by URL: kept for an hour behind a signature, then gone.

`LocalResults` keeps them on this machine's disk. Invariant: a file is served only to the holder of the URL that `put`
gave out, and only until the time that this URL names.
"""

from fittingroom.results.local import LocalResults, StoredResult

__all__ = ["LocalResults", "StoredResult"]
