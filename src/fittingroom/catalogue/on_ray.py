"""Works on a Ray cluster, by Ray Data: a tile is a batch, an actor has the engine loaded and dresses tiles.

The driver, which runs the command, remains the only one that reads photos, writes pictures and keeps the journal: its
`Clerk`, an actor on its own node, hands out jobs and takes in what was made, so nodes need no common folder and no
access to the network, and photos are never on a node's disk. Invariant: as of `crew`; a work whose actor died is given
out twice at most, and what has been handed in is not taken again.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Callable, Sequence
from typing import Any

from fittingroom.catalogue.batch import Batch
from fittingroom.catalogue.crew import Keep, worker_plan
from fittingroom.catalogue.pictures import Pictures
from fittingroom.catalogue.plan import Work
from fittingroom.catalogue.rows import CatalogueError

try:
    import ray
    import ray.data
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
except ImportError as error:
    raise CatalogueError("--ray-address needs the package ray: pip install 'fittingroom[ray]'") from error

from fittingroom.catalogue.ray_actors import Clerk, Dresser

STORE_BYTES = 256 * 1024 * 1024
"""Of the object store of a cluster that this command starts: some jobs and pictures in flight."""


def ray_crew(address: str) -> Callable[[Batch, Pictures], RayCrew]:
    """Makes the crew. address: `local` starts a cluster here; else as Ray has it. Raises `CatalogueError`."""
    if address.startswith("ray://"):
        raise CatalogueError("--ray-address is HOST:PORT, auto or local: run the command on a node of the cluster")
    return lambda job, _: RayCrew(address, job)


class RayCrew:
    """Actors of a cluster, `dispatch.workers` of them."""

    def __init__(self, address: str, job: Batch) -> None:
        self._address = address
        self._job = job
        self._workers = job.settings.dispatch.workers
        self._cpus = job.settings.dispatch.threads or 1

    async def run(self, tiles: Sequence[Sequence[Work]], keep: Keep) -> None:
        """As `LocalCrew.run`."""
        works = {work.key: work for tile in tiles for work in tile}
        await asyncio.to_thread(self._connect)
        try:
            clerk = self._clerk()
            async with asyncio.TaskGroup() as group:
                taking = group.create_task(_take_in(clerk, works, keep))
                stopping = group.create_task(self._stop_when_told(clerk))
                await asyncio.to_thread(self._dress, clerk, tiles)
                await clerk.close.remote()
                await taking
                stopping.cancel()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        except ray.exceptions.RayError as error:
            raise CatalogueError(f"Ray gave up: {type(error).__name__}: {str(error).splitlines()[0]}") from error
        finally:
            await asyncio.to_thread(ray.shutdown)

    def _connect(self) -> None:
        own: dict[str, Any] = {}
        if self._address == "local":
            own = {
                "num_cpus": self._workers * self._cpus + 1,
                "object_store_memory": STORE_BYTES,
                "include_dashboard": False,
                # Photos are not to be written to a disk, not even when memory is short.
                "_system_config": {"automatic_object_spilling_enabled": False},
            }
        try:
            ray.init(self._address, configure_logging=True, logging_level=logging.ERROR, log_to_driver=False, **own)
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            raise CatalogueError(f"no Ray cluster at {self._address}: {str(error).splitlines()[0]}") from error
        logging.getLogger("ray.data").setLevel(logging.WARNING)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False

    def _clerk(self) -> Any:
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        options = {"num_cpus": 0, "scheduling_strategy": here, "max_concurrency": 4 * self._workers + 8}
        return ray.remote(Clerk).options(**options).remote(self._job.settings, self._job.making, self._workers)

    def _dress(self, clerk: Any, tiles: Sequence[Sequence[Work]]) -> None:
        plan = worker_plan(self._job.settings)
        parcels = [{"tile": pickle.dumps(list(tile))} for tile in tiles]
        data = ray.data.from_items(parcels, override_num_blocks=len(parcels))
        data.map_batches(
            Dresser,
            batch_size=1,
            fn_constructor_kwargs={"plan": plan, "cpus": self._cpus, "clerk": clerk, "making": self._job.making},
            compute=ray.data.ActorPoolStrategy(size=min(self._workers, len(parcels))),
            num_cpus=self._cpus,
        ).materialize()

    async def _stop_when_told(self, clerk: Any) -> None:
        await self._job.stop.wait()
        await clerk.stop.remote()


async def _take_in(clerk: Any, works: dict[str, Work], keep: Keep) -> None:
    """Everything that is handed in, until the clerk has closed."""
    while (parcel := await clerk.take.remote()) is not None:
        if isinstance(parcel, str):
            raise CatalogueError(parcel)
        key, made, seconds = parcel
        await keep(works[key], made, seconds)
