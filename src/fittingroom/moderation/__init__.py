"""Reviewers of pictures: the built-in one for decoded pictures, and the way to an operator's own over HTTP."""
