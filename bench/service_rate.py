#!/usr/bin/env python3
"""What the service takes, and how fast: records over HTTP with durability, from an event to its webhook, starts, checkpoints, memory.

    service_rate.py TOCSIN [--events N] [--keys N]

Needs nothing but Python's own library. Prints a table in Markdown. The load comes from the same machine, so it takes part of it.
"""

import argparse
import http.client
import http.server
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import tempfile
import threading
import time

RULES = """stream Login(user: string, ok: bool, ts: time)
  time  ts
  slack 60s

rule guessed
  when     f: Login[ok = false]{5} -> s: Login[ok = true]
  by       user
  within   5m
  alert    "{user}"
"""

TWO_STEPS = """stream Login(user: string, ok: bool, ts: time)
  time  ts

rule pair
  when     f: Login[ok = false] -> s: Login[ok = true]
  by       user
  within   1d
"""

AT_ONCE = """stream Login(user: string, ok: bool, ts: time)
  time  ts

rule failed
  when     f: Login[ok = false]
  by       user
  emit     early
"""


class Service:
    """A running `tocsin serve`, on a free port."""

    def __init__(self, tocsin, folder, rules, settings=""):
        self.folder = pathlib.Path(folder)
        (self.folder / "rules.tocsin").write_text(rules)
        (self.folder / "tocsin.yaml").write_text(
            f"rules: [rules.tocsin]\ndata: data\nhttp: {{listen: '127.0.0.1:0', queue: 256MiB}}\n{settings}")
        begin = time.perf_counter()
        self.process = subprocess.Popen([tocsin, "serve", "--config", str(self.folder / "tocsin.yaml")], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if found := re.search(r"listening on port (\d+)", line):
                self.port = int(found[1])
                break
        else:
            raise SystemExit("the service did not start")
        self.start_seconds = time.perf_counter() - begin
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def metric(self, name):
        connection = self.connect()
        connection.request("GET", "/metrics")
        return float(re.search(rf"^{name} (.*)$", connection.getresponse().read().decode(), re.M)[1])

    def memory_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()


def post(connection, body):
    connection.request("POST", "/v1/events", body)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: {text[:200]}")


def record(user, ok, millis):
    return f'{{"user":"u{user}","ok":{"true" if ok else "false"},"ts":{millis}}}\n'


def bodies(events, batch, keys, first=0, ok=lambda i: i % 5 == 0):
    """As one connection sends them: ten events a millisecond."""
    for begin in range(first, first + events, batch):
        yield "".join(record(i * 7919 % keys, ok(i), 1767225600000 + i // 10) for i in range(begin, begin + batch)).encode()


def send(service, events, batch, connections):
    """Events a second, and the median and the 99th percentile of the answers in milliseconds."""
    each = events // connections
    ready = [list(bodies(each, batch, 100000, c * each)) for c in range(connections)]
    waits = []

    def run(own):
        connection = service.connect()
        for body in own:
            begin = time.perf_counter()
            post(connection, body)
            waits.append(time.perf_counter() - begin)

    threads = [threading.Thread(target=run, args=(own,)) for own in ready]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begin
    waits.sort()
    return events / seconds, 1000 * statistics.median(waits), 1000 * waits[int(0.99 * len(waits))]


def intake(tocsin, events):
    rows = []
    for batch, connections, share, every in ((1000, 1, 1, "1h"), (1000, 1, 1, "1s"), (1000, 4, 1, "1h"), (100, 4, 0.2, "1h"), (1, 8, 0.01, "1h")):
        with tempfile.TemporaryDirectory() as folder:
            service = Service(tocsin, folder, RULES, f"checkpoint_every: {every}\n")
            rate, median, late = send(service, max(int(events * share), batch * connections), batch, connections)
            saved = f"a checkpoint a second ({service.metric('tocsin_checkpoint_pause_seconds') * 1000:.0f} ms pause)" if every == "1s" else "no checkpoint"
            rows.append(f"| {batch:,} a request, {connections} connections, {saved} | {rate:,.0f} a second | {median:.1f} ms, {late:.1f} ms |")
            service.end()
    return ["| records over HTTP, synced before they are answered | rate | an answer: median, p99 |", "|---|---|---|"] + rows


def to_webhook(tocsin, events):
    came = {}

    class Hook(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            user = json.loads(body)["key"]["user"]
            came.setdefault(user, time.perf_counter())
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(tocsin, folder, AT_ONCE,
                          f"webhooks:\n  - {{name: hook, url: 'http://127.0.0.1:{server.server_port}/', allow_private: true}}\n")
        connection = service.connect()
        sent = {}
        for i in range(events):
            sent[f"u{i}"] = time.perf_counter()
            post(connection, record(i, False, 1767225600000 + i))
            time.sleep(0.005)
        while len(came) < events:
            time.sleep(0.01)
        service.end()
    server.shutdown()
    waits = sorted(1000 * (came[user] - sent[user]) for user in sent)
    return [f"From the request that brings an event to its alert at the webhook, {events:,} events at up to 200 a second: median "
            f"{statistics.median(waits):.1f} ms, p99 {waits[int(0.99 * len(waits))]:.1f} ms, longest {waits[-1]:.1f} ms."]


def starts(tocsin, keys):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        service = Service(tocsin, folder, TWO_STEPS, "checkpoint_every: 1h\n")
        empty = service.memory_mib()
        connection = service.connect()
        for i, body in enumerate(bodies(keys, 1000, keys, ok=lambda _: False)):
            post(connection, body)
        live = service.metric("tocsin_live_keys")
        memory = service.memory_mib()
        service.end()
        size = sum(f.stat().st_size for f in (pathlib.Path(folder) / "data" / "checkpoints").iterdir()) / 2**20
        for what in ("its last checkpoint", "the log"):
            if what == "the log":
                for file in (pathlib.Path(folder) / "data" / "checkpoints").iterdir():
                    file.unlink()
            service = Service(tocsin, folder, TWO_STEPS, "checkpoint_every: 1h\n")
            post(service.connect(), record(0, False, 1767225600000 + keys))
            rows.append(f"| {live:,.0f} live keys, from {what} | {service.start_seconds:.2f} s |")
            service.end(signal.SIGKILL)
    return [f"{live:,.0f} live keys of a rule of two steps: {memory - empty:,.0f} MiB, {1024 * 1024 * (memory - empty) / live:,.0f} bytes a key; "
            f"saved {size:,.0f} MiB.", "", "| a start after a kill | until it listens |", "|---|---|"] + rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tocsin")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, default=1_000_000)
    arguments = parser.parse_args()
    tocsin = os.path.abspath(arguments.tocsin)
    for part in (intake(tocsin, arguments.events), to_webhook(tocsin, 1000), starts(tocsin, arguments.keys)):
        print("\n".join(part) + "\n", flush=True)


if __name__ == "__main__":
    main()
