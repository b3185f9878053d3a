"""Results that are asked for by URL: kept for an hour behind a signature, then gone.

`LocalResults` keeps them on this machine's disk, `ObjectResults` in a bucket that several gateways share. Invariant: a
result is served only to the holder of the URL that `put` gave out, and only until the time that this URL names.
"""

from fittingroom.results.local import LocalResults, StoredResult
from fittingroom.results.objects import ObjectResults
from fittingroom.results.sweeping import sweep_forever

__all__ = ["LocalResults", "ObjectResults", "StoredResult", "sweep_forever"]
