"""The gate to Ray: nothing behind it is imported unless the operator named a cluster.

Ray reads some of its settings when it is first imported, so they are set here before. Invariant: without the extra, or
with an address that cannot serve, the batch does not begin.
"""

from __future__ import annotations

from collections.abc import Callable

from fittingroom.catalogue.batch import Batch, Crew
from fittingroom.catalogue.pictures import Pictures
from fittingroom.catalogue.rows import CatalogueError
from fittingroom.dispatch.ray.library import installed, prepare


def ray_crew(address: str) -> Callable[[Batch, Pictures], Crew]:
    """Makes the crew. address: `local` starts a cluster here; else as Ray has it. Raises `CatalogueError`."""
    if address.startswith("ray://"):
        raise CatalogueError("--ray-address is HOST:PORT, auto or local: run the command on a node of the cluster")
    if not installed():
        raise CatalogueError("--ray-address needs the package ray: pip install 'fittingroom[ray]'")
    prepare()
    from fittingroom.catalogue.ray_crew import RayCrew  # noqa: PLC0415 - imports Ray

    return lambda job, pictures: RayCrew(None if address == "local" else address, job, pictures)
