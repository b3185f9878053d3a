"""Jobs as the database keeps them: who wants which picture, who makes it now, what came of it, who is to be told.

Several gateways share one table. A job is made by the one that claimed it, for as long as its lease lasts; what a dead
gateway had is taken by another, or by itself when it is back. Parameters, results and callback URLs are sealed; photos
are never kept. Invariant: a job ends once, in the same transaction as its charge, whoever else believes to run it.
"""

from fittingroom.accounts.jobs.desk import JobDesk
from fittingroom.accounts.jobs.records import Callback, Due, Found, Job, JobLost, NewJob, Outcome, Waiting
from fittingroom.accounts.jobs.table import PAGE

__all__ = ["PAGE", "Callback", "Due", "Found", "Job", "JobDesk", "JobLost", "NewJob", "Outcome", "Waiting"]
