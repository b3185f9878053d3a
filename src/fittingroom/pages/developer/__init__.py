"""The developers' page at `/docs`, and the OpenAPI document that it is drawn from.

The document is made from the table of actions and the catalogue of errors, so neither can promise what the server does
not do. Invariant: the page shows nothing that `/docs/openapi.json` does not hold.
"""

from fittingroom.pages.developer.page import routes

__all__ = ["routes"]
