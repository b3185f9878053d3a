"""Pictures on their way in and out: guarded fetch, decode to plain RGB, visible mark, machine-readable label, encode.

Nothing here knows accounts or HTTP requests; a caller's mistake leaves as `ApiError`. Invariant: the bytes of a
caller's picture never leave again; whatever goes out was encoded from pixels.
"""
