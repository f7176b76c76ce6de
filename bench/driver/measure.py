"""Runs the engines: answers first, then times in turns."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import engines

NOT_EXPRESSED = 4


@dataclass
class Figures:
    """What is known of one engine in one case."""

    rates: list = field(default_factory=list)  # events a second, one of each timed run
    rounds: list = field(default_factory=list)  # the median rate of each round
    decode: list = field(default_factory=list)  # events a second of reading the file, where the engine says
    peak: int = 0  # kilobytes
    matches: int = 0
    answers: int = 0
    problem: str = ""  # why there is no figure


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def call(command, seconds, output=subprocess.PIPE):
    """(exit code or None where the time ran out, what it printed, seconds taken, peak kilobytes)."""
    with tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        child = subprocess.Popen(command, stdout=output, stderr=errors)
        timer = threading.Timer(seconds, child.kill)
        timer.start()
        printed = ""
        if child.stdout:
            with child.stdout:
                printed = child.stdout.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        taken = time.perf_counter() - begin
        in_time = timer.is_alive()
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, NOT_EXPRESSED) and in_time:
            errors.seek(0)
            sys.stderr.write(errors.read().decode(errors="replace")[-2000:])
    return child.returncode if in_time else None, printed, taken, usage.ru_maxrss


def report_of(engine, case, data, options, limit):
    """The JSON line that the engine's program prints, or a word on why there is none."""
    code, printed, _, peak = call(engines.command_of(engine, case.workload, data, options), limit)
    if code is None:
        return f"not done in {limit} s"
    if code == NOT_EXPRESSED:
        return "not expressed"
    if code != 0:
        return f"exit code {code}"
    report = json.loads(printed.strip().splitlines()[-1])
    report["peak_kb"] = peak
    return report


def difference(ours, theirs):
    ours, theirs = set(ours.split()), set(theirs.split())
    text = []
    for who, more in (("tocsin", ours - theirs), ("it", theirs - ours)):
        if more:
            first = ", ".join(sorted(more, key=int)[:3])
            text.append(f"{len(more)} only {who} has (at {first}{', …' if len(more) > 3 else ''})")
    return "other answers: " + "; ".join(text)


def replayed_answers(workload, data):
    """As engine_rate's, of what the whole program writes."""
    answers = set()
    with tempfile.TemporaryFile() as out:
        call(engines.replay_command(workload, data, "ndjson"), 600, out)
        out.seek(0)
        for line in out:
            alert = json.loads(line)
            if alert.get("op") == "alert":
                last = alert["event"] if "event" in alert else list(alert["events"].values())[-1][-1]
                answers.add(last["offset"])
    return "".join(f"{answer}\n" for answer in sorted(answers))


def compare_answers(case, data, figures, limit):
    """Sets `problem` of each engine whose answers are not tocsin's. What tocsin replays has to be the same too."""
    with tempfile.TemporaryDirectory() as folder:
        texts = {}
        for engine in ("tocsin", *case.peers):
            path = Path(folder) / engine
            report = report_of(engine, case, data, ["--runs", "1", "--warmup", "0", "--answers", str(path)], limit)
            if isinstance(report, str):
                figures[engine].problem = report
                continue
            texts[engine] = path.read_text()
            figures[engine].matches = report["matches"]
            figures[engine].answers = report["answers"]
            if engine != "tocsin" and "tocsin" in texts and texts[engine] != texts["tocsin"]:
                figures[engine].problem = difference(texts["tocsin"], texts[engine])
        if "tocsin" in texts and replayed_answers(case.workload, data) != texts["tocsin"]:
            figures["replay"].problem = "replay gives other answers than the engine alone"


def time_round(case, data, figures, runs, warmup, limit):
    """Each engine once, one after the other."""
    for engine in ("tocsin", *case.peers):
        if figures[engine].problem:
            continue
        report = report_of(engine, case, data, ["--runs", str(runs), "--warmup", str(warmup)], limit)
        if isinstance(report, str):
            figures[engine].problem = report
            continue
        rates = [report["events"] / seconds for seconds in report["seconds"]]
        figures[engine].rates += rates
        figures[engine].rounds.append(median(rates))
        figures[engine].decode.append(report["events"] / report["decode_seconds"])
        figures[engine].peak = max(figures[engine].peak, report["peak_kb"])
    for name, output in (("replay", "none"), ("replay_ndjson", "ndjson")):
        if figures["replay"].problem:
            break
        code, _, taken, peak = call(engines.replay_command(case.workload, data, output), limit, subprocess.DEVNULL)
        if code != 0:
            figures[name].problem = f"exit code {code}"
            continue
        figures[name].rates.append(case.events / taken)
        figures[name].rounds.append(case.events / taken)
        figures[name].peak = max(figures[name].peak, peak)


def measure(case, data, rounds, runs, warmup, limit):
    """Figures by engine; also of `replay` and `replay_ndjson`, the whole program."""
    figures = {engine: Figures() for engine in ("tocsin", "replay", "replay_ndjson", *case.peers)}
    compare_answers(case, data, figures, limit)
    for _ in range(rounds):
        time_round(case, data, figures, runs, warmup, limit)
    return figures
