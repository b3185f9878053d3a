"""Catalogues: every garment on every model, in one long run that may be killed and taken up again.

`manifest` reads what is wanted, `plan` turns it into works with an identity and an order, `crew` and `on_ray` have
them dressed, `shelf` keeps pictures and the journal, `table` and `pages` tell people what came of it, and `batch` is
the run itself. Invariant: a work is done when the journal has its line; whatever a kill interrupts before that line
leaves nothing that counts, and nothing with a line is ever done again.
"""
