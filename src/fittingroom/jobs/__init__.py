"""Runs kept jobs, and tells those who asked to be told.

Above the actions, since a job is one of them done later by the same way from photos to a picture; started with the
server. Invariant: a job costs what a direct call costs, once, and only when its picture can be fetched.
"""
