"""The cost model of `docs/scale.md`: machines and money for a number of pictures a month, from figures given to it.

It measures nothing. The figures that other benches measured, and the prices that are assumed, are its options, with
those of the document as defaults; so put in your own. Peak is `--peak` times the mean, and nothing is filled beyond
`--load`. Every line says how it is reckoned in the document.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

MONTH = 365.25 / 12 * 86400
"""Seconds of a month."""
HOURS = MONTH / 3600
VOLUMES = (10_000, 1_000_000, 10_000_000, 100_000_000)


@dataclass(frozen=True)
class Needs:
    """Of one volume: pictures a second at the peak, what serves them, US dollars a month."""

    peak: float
    worker_cores: int
    gateway_cores: int
    worker_gib: float
    database_gb: float
    results_gb: float
    network_mbit: float
    dollars: float


def needs(pictures: int, given: argparse.Namespace) -> Needs:
    """What `pictures` a month need."""
    peak = pictures / MONTH * given.peak
    workers = math.ceil(peak * given.worker_seconds / given.load)
    gateways = max(1, math.ceil(peak * given.gateway_ms / 1000 / given.load))
    database = pictures * given.ledger_bytes * given.months / 1e9
    results = peak / given.peak * 3600 * given.result_kb / 1e6
    network = peak * (given.photo_kb * 2 + given.result_kb) * 8 / 1000
    dollars = (workers + gateways) * HOURS * given.core_hour + database * given.disk_gb + results * given.disk_gb
    return Needs(peak, workers, gateways, workers * given.worker_gib, database, results, network, dollars)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--worker-seconds", type=float, default=5.4, help="core-seconds of the engine per picture")
    parser.add_argument("--worker-gib", type=float, default=1.5, help="memory of a worker of one core, GiB")
    parser.add_argument("--gateway-ms", type=float, default=12.0, help="core-milliseconds of the gateway per picture")
    parser.add_argument("--ledger-bytes", type=float, default=1188, help="bytes of the database per picture")
    parser.add_argument("--months", type=float, default=12, help="months that the ledger is kept at hand")
    parser.add_argument("--photo-kb", type=float, default=300, help="kB of a photo that is fetched (two a picture)")
    parser.add_argument("--result-kb", type=float, default=400, help="kB of a result")
    parser.add_argument("--peak", type=float, default=3.0, help="busiest second against the mean")
    parser.add_argument("--load", type=float, default=0.7, help="share of a core that is filled at the peak")
    parser.add_argument("--core-hour", type=float, default=0.03, help="US dollars per core and hour, memory included")
    parser.add_argument("--disk-gb", type=float, default=0.10, help="US dollars per GB and month")
    given = parser.parse_args()
    heads = "pictures a month|peak pictures/s|worker cores|their memory GiB|gateway cores|ledger GB|results GB"
    print(f"| {heads.replace('|', ' | ')} | network Mbit/s | $ a month | $ per 1000 |\n|{'---|' * 10}")
    for volume in VOLUMES:
        n = needs(volume, given)
        cells = [f"{volume:,}", f"{n.peak:.3g}", f"{n.worker_cores:,}", f"{n.worker_gib:,.0f}", f"{n.gateway_cores}"]
        cells += [f"{n.database_gb:,.3g}", f"{n.results_gb:,.2g}", f"{n.network_mbit:,.3g}"]
        print(f"| {' | '.join(cells)} | {n.dollars:,.0f} | {n.dollars / volume * 1000:.2f} |")


if __name__ == "__main__":
    main()
