"""What is measured: the workloads, their events, and which engine gets how many of them."""

from dataclasses import dataclass, field

STEPS = (3, 6, 9, 12, 24)


@dataclass(frozen=True)
class Workload:
    name: str  # bench/workloads/NAME.tocsin, and what the peers call it
    data: str  # what workload_data calls its events
    events: int
    quick: int
    title: str
    # A peer that would take minutes for all events gets the first so many, in a case of its own, tocsin beside it.
    fewer: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    workload: Workload
    events: int
    peers: tuple

    @property
    def name(self):
        return self.workload.name if self.events >= self.workload.events else f"{self.workload.name} ({self.events:,})"


def _stock(steps, ending):
    suffix = "_none" if ending else ""
    title = f"{steps} names in 10 s" + (", the last never comes" if ending else "")
    return Workload(f"stock_{steps}{suffix}", "stock", 224_473, 50_000, title)


WORKLOADS = (
    Workload("brute_force", "auth", 1_000_000, 200_000, "five failed passwords, then an accepted one"),
    Workload("keyed_join", "keyed_join", 1_000_000, 200_000, "A then B of a key in 10 s, 100,000 keys"),
    *(_stock(steps, False) for steps in STEPS),
    *(_stock(steps, True) for steps in STEPS),
    Workload("rising", "stock", 224_473, 50_000, "two rises of 2 % of a name in 10 s"),
    Workload("absence", "orders", 1_000_000, 200_000, "no payment in a minute", {"siddhi": 50_000}),
    Workload("sliding_count", "hits", 1_000_000, 200_000, "15 of a key in a minute, 10,000 keys", {"flink": 200_000}),
    Workload("sliding_distinct", "hits", 1_000_000, 200_000, "12 values of a key in a minute, 10,000 keys"),
)


def cases_of(workload, peers, quick):
    """The case of all events, and one more for each peer that gets fewer of them."""
    events = workload.quick if quick else workload.events
    fewer = {peer: min(n, n // 2 if quick else n) for peer, n in workload.fewer.items() if peer in peers}
    yield Case(workload, events, tuple(peer for peer in peers if fewer.get(peer, events) >= events))
    for peer, n in fewer.items():
        if n < events:
            yield Case(workload, n, (peer,))
