"""Tables and plots of the figures."""

import os
import platform
import re

import engines
import svg
from measure import median

BEGIN = "<!-- scripts/bench writes from here -->"
END = "<!-- to here -->"


def short(rate):
    """Three digits of events a second."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if rate >= size:
            value = rate / size
            return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} {unit}"
    return f"{rate:.0f}"


def rate_of(figures):
    if figures is None:
        return ""
    if not figures.rates:
        return figures.problem
    return f"{short(median(figures.rates))} ({short(min(figures.rates))} to {short(max(figures.rates))})"


def ratio_of(ours, theirs):
    """Taken round by round, since what else the machine does changes from round to round."""
    if theirs is None or not theirs.rounds or not ours.rounds:
        return ""
    ratios = [mine / other for mine, other in zip(ours.rounds, theirs.rounds)]
    return f"{median(ratios):.2g} ({min(ratios):.2g} to {max(ratios):.2g})"


def megabytes(figures):
    return f"{figures.peak / 1000:.0f}" if figures is not None and figures.peak else ""


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def tables(results, peers):
    """`results`: (case, figures by engine)."""
    names = [engines.NAMES[peer] for peer in peers]
    rates = [[case.name, f"{figures['tocsin'].answers:,}", rate_of(figures["tocsin"]), *(rate_of(figures.get(p)) for p in peers)]
             for case, figures in results]
    ratios = [[case.name, *(ratio_of(figures["tocsin"], figures.get(p)) for p in peers)] for case, figures in results]
    whole = [[case.name, rate_of(figures["replay"]), rate_of(figures["replay_ndjson"])] for case, figures in results]
    peaks = [[case.name, megabytes(figures["replay"]), megabytes(figures["tocsin"]), *(megabytes(figures.get(p)) for p in peers)]
             for case, figures in results]
    return [
        ("Events a second, decoded beforehand: the median of all runs, the least and the most",
         table(["workload", "answers", "tocsin", *names], rates)),
        ("How many times as fast tocsin is: the median of the rounds, the least and the most",
         table(["workload", *names], ratios)),
        ("Events a second of `tocsin replay`, reading and decoding included, one thread",
         table(["workload", "`--format none`", "`--format ndjson`"], whole)),
        ("Peak memory of the process in MB; all but `replay` hold all events, and Java takes what its heap allows",
         table(["workload", "`replay`", "tocsin", *names], peaks)),
    ]


def machine():
    model = ""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as text:
            model = next((line.split(":")[1].strip() for line in text if line.startswith("model name")), "")
    except OSError:
        pass
    return f"{os.cpu_count()} cores{', ' + model if model else ''}, {platform.system()} {platform.machine()}"


def plots(results, peers):
    """SVG texts by file name."""
    def spread(figures):
        return median(figures.rates), min(figures.rates), max(figures.rates)

    shown = ("tocsin", *peers)
    groups = [(case.name, {e: spread(figures[e]) for e in shown if e in figures and figures[e].rates}) for case, figures in results]
    groups = [group for group in groups if group[1]]
    found = {}
    if groups:
        found["rates.svg"] = svg.bars("Events a second, decoded beforehand (logarithmic)", groups, engines.NAMES)
    series = {}
    for case, figures in results:
        stock = re.fullmatch(r"stock_(\d+)(_none)?", case.workload.name)
        for engine in shown if stock else ():
            if engine in figures and figures[engine].rates:
                series.setdefault((engine, bool(stock[2])), []).append((int(stock[1]), median(figures[engine].rates)))
    if len(series) > 0 and all(len(points) > 1 for points in series.values()):
        found["stock.svg"] = svg.lines("Stock sequences, events a second (dashed: the last event never comes)", series,
                                       engines.NAMES, "steps")
    return found


def markdown(results, peers, how, missing):
    parts = [f"{how} {machine()}.", *missing]
    parts += [f"{title}:\n\n{text}" for title, text in tables(results, peers)]
    return "\n\n".join(parts)


def write_document(path, text, images):
    """Replaces what stands between the two marks of `path`; the images go to plots/ beside it."""
    old = path.read_text(encoding="utf-8")
    before, rest = old.split(BEGIN)
    after = rest.split(END)[1]
    folder = path.parent / "plots"
    folder.mkdir(exist_ok=True)
    shown = ""
    for name, image in images.items():
        (folder / name).write_text(image, encoding="utf-8")
        shown += f"\n\n![{name.removesuffix('.svg')}](plots/{name})"
    path.write_text(f"{before}{BEGIN}\n\n{text}{shown}\n\n{END}{after}", encoding="utf-8")
