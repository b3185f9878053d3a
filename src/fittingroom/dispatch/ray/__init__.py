"""Jobs on Ray Serve, on one machine or many: `fittingroom serve --dispatch ray`.

Nothing here is imported unless the operator chose it, and Ray itself only by `library`.
"""
