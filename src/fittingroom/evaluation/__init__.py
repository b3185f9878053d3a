"""The test bench for looking: how good the pictures are, by eye first and by number second.

It runs an engine over a folder of evaluation photos that stays outside the project (photos.py tells its layout), draws
contact sheets to judge, measures every picture, and keeps the judges' verdicts as data. Nothing here is imported by
the server. Invariant: photos and pictures made from them are written only where the caller says, never into the
project.
"""
