"""What is measured on one picture: small functions from arrays to numbers, each in the file of its matter.

They know no engine and no file, so that a drawn array tests them. Invariant: a value that cannot be measured is None,
never a number that means "unknown".
"""
