"""How each engine is built and called."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
DATA = BUILD / "bench-data"
# A folder that somebody else has built is taken as it is.
BUILT = os.environ.get("TOCSIN_BENCH_BUILD")
RELEASE = Path(BUILT).resolve() if BUILT else BUILD / "bench"
PEERS = BUILD / "bench-peers"
JAVA_PEERS = {"esper": "EsperPeer", "siddhi": "SiddhiPeer", "flink": "FlinkPeer"}
NAMES = {"tocsin": "tocsin", "esper": "Esper 9.0", "siddhi": "Siddhi 5.1", "flink": "Flink CEP 1.20", "rsigma": "rsigma 0.23"}
# The same for all that run on Java; the collector that gives the most throughput where pauses do not matter.
HEAP = ("-Xms4g", "-Xmx4g", "-XX:+UseParallelGC")
# What Flink's serializers look into.
OPENS = ("--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED")


class Failed(Exception):
    pass


def run(command, where=ROOT):
    """For its effect; what it printed is shown only where it fails."""
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command[:4]))} …\n{(done.stdout + done.stderr)[-3000:]}")


def build_tocsin():
    if BUILT:
        return
    cache = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    run(["cmake", "-S", ".", "-B", str(RELEASE), "-DCMAKE_BUILD_TYPE=Release", "-DTOCSIN_TESTS=OFF", "-DTOCSIN_BENCH=ON", *cache])
    run(["cmake", "--build", str(RELEASE), "-j", "2", "--target", "tocsin", "engine_rate", "workload_data"])


def build_peer(peer):
    """None if it was built, else why not."""
    tools = ("cargo",) if peer == "rsigma" else ("java", "mvn")
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        return f"{' and '.join(missing)} is missing"
    try:
        if peer == "rsigma":
            # A library below it asks for a newer compiler than it needs.
            run(["cargo", "build", "--quiet", "--release", "--ignore-rust-version", "--target-dir", str(PEERS / "rsigma")],
                ROOT / "bench/peers/rsigma")
        else:
            run(["mvn", "-q", "-B", "package", "-pl", peer, "-am"], ROOT / "bench/peers")
    except Failed as problem:
        return f"does not build: {problem}"
    return None


def make_data(name, events, auth):
    """The file of so many events, made if it is not there or older than its maker; None if what it is made of is not there."""
    DATA.mkdir(parents=True, exist_ok=True)
    maker = RELEASE / "bench/workload_data"
    path = DATA / f"{name}-{events}.ndjson"
    if path.exists() and path.stat().st_mtime > maker.stat().st_mtime:
        return path
    if name == "auth" and not Path(auth).is_file():
        return None
    command = [str(maker), name, str(events)] + ([auth] if name == "auth" else [])
    unfinished = path.with_suffix(".unfinished")
    with open(unfinished, "wb") as out:
        if subprocess.run(command, stdout=out, check=False).returncode != 0:
            raise Failed(f"workload_data {name} failed")
    unfinished.rename(path)
    return path


def command_of(engine, workload, data, options):
    if engine == "tocsin":
        return [str(RELEASE / "bench/engine_rate"), str(rules_of(workload)), str(data), *options]
    if engine == "rsigma":
        return [str(PEERS / "rsigma/release/rsigma-peer"), workload.name, str(data), *options]
    folder = PEERS / engine
    return ["java", *HEAP, *OPENS, "-cp", f"{folder}/{engine}-1.jar:{folder}/lib/*", f"tocsin.bench.{JAVA_PEERS[engine]}",
            workload.name, str(data), *options]


def rules_of(workload):
    return ROOT / "bench/workloads" / f"{workload.name}.tocsin"


def replay_command(workload, data, output):
    return [str(RELEASE / "cli/tocsin"), "replay", "--rules", str(rules_of(workload)), "--format", output, "--quiet",
            "--no-progress", "--threads", "1", str(data)]
