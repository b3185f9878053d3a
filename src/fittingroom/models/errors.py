"""What can go wrong with weights, each message saying what to do about it.

    ModelsError
    +-- MissingWeight   an engine asked for a weight that is not in the cache
    +-- LicenceRefused  a weight is not known to allow commercial use
    +-- SourceFailed    one source did not deliver; the next one may
    +-- PullFailed      no source delivered, or the machine cannot take the file

Invariant: none of these is a published API code. An engine that cannot load its weights is the operator's matter,
reported at start, not a caller's.
"""

from __future__ import annotations


class ModelsError(Exception):
    """Base of everything the models room raises on purpose."""


class MissingWeight(ModelsError):
    """A weight is not in the cache, or is there in the wrong size. The message names the command that brings it."""


class LicenceRefused(ModelsError):
    """Weights whose licence is not known to allow commercial use, and `neural.allow_noncommercial` is not set."""


class SourceFailed(ModelsError):
    """One source could not be used; the message is one line of the reason."""


class PullFailed(ModelsError):
    """A weight could not be brought at all."""
