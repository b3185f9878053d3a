"""The API's actions, one file each: request model, result model, handler.

An action knows the rooms around it only by the protocols of `services`. Invariant: an action never sees HTTP.
"""
