"""The fitting room: photos in, pictures out, in a browser, through the very same API that shops call.

Whoever opens `/room` gets a session in memory. Photos are handed to the API inside this process, in a request that the
server signs with a temporary key of its own, so account, permission, limits, ledger and review are those of any caller
and no secret reaches the browser. Invariant: nothing of a session is written anywhere, and nothing of it is left here
when the tab has closed or `pages.room_ttl` has passed; a worker's cache of analyses forgets as for any caller.
"""

from fittingroom.pages.room.page import Room

__all__ = ["Room"]
