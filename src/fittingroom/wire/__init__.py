"""The HTTP edge: bytes in, envelope out.

It knows actions only through their registry and touches no picture. What is checked in which order, and how tolerant
signature checking is, stands in docs/wire.md; `api.Api` is the place to start reading. Invariant: whatever arrives at
`/`, the answer is HTTP 200 with a RequestId and, for a refusal, a published code.
"""

from fittingroom.wire.app import build_app

__all__ = ["build_app"]
