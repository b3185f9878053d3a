"""One exception type for everything that ends a request, and the one catalogue behind it.

Any room may raise `ApiError("reason", cause=..., name=value)`; only the wire turns it into an answer.
A *reason* is finer than a published code: several reasons share a code, each with a message that tells the
caller what to do. Invariant: every reason names a code of the catalogue, in English and Chinese.
"""

from fittingroom.errors.exception import ApiError, Language, ResultForbidden, ResultGone

__all__ = ["ApiError", "Language", "ResultForbidden", "ResultGone"]
