"""What people look at: pages that the gateway serves beside the API, each in a folder of its own.

A page is static files (HTML, CSS, ES modules, without a build step or anything from elsewhere) and the few routes that
its script calls. Invariant: pages know the rooms below them, nothing below knows of pages, and no page needs an inline
script or style.
"""
