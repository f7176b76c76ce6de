"""scripts/bench: tocsin and its peers over the same events; see bench/README.md."""

import argparse
import os
import sys

import engines
import report
from measure import measure
from workloads import WORKLOADS, cases_of

PEERS = ("esper", "siddhi", "flink", "rsigma")


def options():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures tocsin and its peers over the same events.")
    parser.add_argument("--quick", action="store_true", help="fewer events, one round: does it work?")
    parser.add_argument("--only", metavar="WORKLOAD", action="append", choices=[w.name for w in WORKLOADS], default=[],
                        help="only this one; may be repeated")
    parser.add_argument("--peers", metavar="LIST", default=",".join(PEERS), help=f"which peers (default: {','.join(PEERS)})")
    parser.add_argument("--no-peers", action="store_true", help="tocsin alone")
    parser.add_argument("--rounds", type=int, help="how often the engines take turns (default 3; with --quick 1)")
    parser.add_argument("--auth", default=os.environ.get("TOCSIN_BENCH_AUTH", "../shared/data/elastic_auth/auth.ndjson"),
                        metavar="FILE", help="the log that brute_force repeats (default %(default)s)")
    parser.add_argument("--write", action="store_true",
                        help="write docs/performance.md although it is not a whole run")
    return parser.parse_args()


def say(text):
    print(text, flush=True)


def ready_peers(asked):
    """Builds them: (those that can run, a sentence on each that cannot)."""
    ready, missing = [], []
    for peer in asked:
        say(f"building {engines.NAMES[peer]}")
        problem = engines.build_peer(peer)
        if problem is None:
            ready.append(peer)
        else:
            say(f"  left out: {problem}")
            missing.append(f"{engines.NAMES[peer]} is left out: {problem.splitlines()[0]}.")
    return tuple(ready), missing


def show(case, figures, peers):
    for engine in ("tocsin", *peers, "replay", "replay_ndjson"):
        if engine in figures:
            ratio = report.ratio_of(figures["tocsin"], figures[engine]) if engine in peers else ""
            say(f"  {engine:14} {report.rate_of(figures[engine]):32} {ratio:24} {report.megabytes(figures[engine]):>6}"
                f"{'' if not figures[engine].rates or not figures[engine].problem else '  ' + figures[engine].problem}")


def main():
    chosen = options()
    rounds = chosen.rounds or (1 if chosen.quick else 3)
    runs, warmup = (2, 1) if chosen.quick else (3, 3)
    say("building tocsin (release)")
    engines.build_tocsin()
    asked = () if chosen.no_peers else tuple(peer for peer in chosen.peers.split(",") if peer in PEERS)
    peers, missing = ready_peers(asked)
    results = []
    for workload in WORKLOADS:
        if chosen.only and workload.name not in chosen.only:
            continue
        for case in cases_of(workload, peers, chosen.quick):
            data = engines.make_data(workload.data, case.events, chosen.auth)
            if data is None:
                missing.append(f"{workload.name} is left out: there is no {chosen.auth}.")
                say(missing[-1])
                break
            say(f"{case.name}: {workload.title}, {case.events:,} events (rate, tocsin's to it, MB)")
            figures = measure(case, data, rounds, runs, warmup, limit=900)
            show(case, figures, case.peers)
            results.append((case, figures))
    times = "1 round" if rounds == 1 else f"{rounds} rounds"
    how = (f"{times} in which the engines take turns, each {warmup} runs to warm up and {runs} for the clock;"
           + (" a short run with few events, to be read as such;" if chosen.quick else ""))
    text = report.markdown(results, peers, how, missing)
    say("\n" + text)
    whole = not (chosen.quick or chosen.only or missing or asked != PEERS)
    if whole or chosen.write:
        report.write_document(engines.ROOT / "docs/performance.md", text, report.plots(results, peers))
        say("written to docs/performance.md and docs/plots")
    wrong = [f"{case.name}, {engine}: {f.problem}" for case, figures in results for engine, f in figures.items()
             if f.problem and f.problem != "not expressed"]
    for line in wrong:
        say(f"! {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except engines.Failed as problem:
        sys.exit(f"scripts/bench: {problem}")
