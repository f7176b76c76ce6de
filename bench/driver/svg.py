"""Two plots, written as SVG: bars and lines, both on a logarithmic scale of events a second."""

import math
from html import escape

COLOURS = {"tocsin": "#1b6ca8", "esper": "#d98324", "siddhi": "#6b9e3f", "flink": "#b0413e", "rsigma": "#7a5ea8"}
FONT = 'font-family="sans-serif" font-size="12" fill="#222"'


def _scale(values):
    """The powers of ten around all values, and from a value to its share of the axis."""
    low = math.floor(math.log10(min(values)))
    high = max(math.ceil(math.log10(max(values))), low + 1)
    return range(low, high + 1), lambda value: (math.log10(value) - low) / (high - low)


def _power(exponent):
    return {3: "1,000", 4: "10,000", 5: "100,000", 6: "1 M", 7: "10 M", 8: "100 M"}.get(exponent, f"10^{exponent}")


def _text(x, y, text, anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {FONT}>{escape(text)}</text>'


def _page(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
            f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


def _legend(series, names, x, y):
    parts = []
    for at, engine in enumerate(series):
        parts.append(f'<rect x="{x + 120 * at}" y="{y - 10}" width="12" height="12" fill="{COLOURS[engine]}"/>')
        parts.append(_text(x + 120 * at + 17, y, names[engine]))
    return parts


def bars(title, groups, names):
    """`groups`: (label, {engine: (median, least, most)})."""
    left, width, bar, gap = 190, 900, 11, 12
    series = [engine for engine in COLOURS if any(engine in values for _, values in groups)]
    powers, share = _scale([value for _, values in groups for spread in values.values() for value in spread])
    span = width - left - 30
    y = 70
    parts = [_text(10, 22, title), *_legend(series, names, left, 46)]
    rows = []
    for label, values in groups:
        rows.append(_text(left - 8, y + bar * len(values) / 2 + 4, label, "end"))
        for engine in series:
            if engine not in values:
                continue
            middle, least, most = values[engine]
            rows.append(f'<rect x="{left}" y="{y}" width="{span * share(middle):.1f}" height="{bar - 2}" fill="{COLOURS[engine]}"/>')
            rows.append(f'<line x1="{left + span * share(least):.1f}" x2="{left + span * share(most):.1f}" y1="{y + bar / 2 - 1}" '
                        f'y2="{y + bar / 2 - 1}" stroke="#222" stroke-width="1.5"/>')
            y += bar
        y += gap
    for power in powers:
        x = left + span * share(10**power)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="60" y2="{y}" stroke="#ddd"/>')
        parts.append(_text(x, y + 16, _power(power), "middle"))
    return _page(width, y + 30, parts + rows)


def lines(title, series, names, x_label):
    """`series`: {(engine, dashed): [(x, value)]}, with the same xs."""
    left, top, width, height = 80, 70, 640, 400
    powers, share = _scale([value for points in series.values() for _, value in points])
    xs = sorted({x for points in series.values() for x, _ in points})
    across, down = width - left - 30, height - top - 50
    place = {x: left + across * at / max(len(xs) - 1, 1) for at, x in enumerate(xs)}
    parts = [_text(10, 22, title), *_legend(list(dict.fromkeys(engine for engine, _ in series)), names, left, 46)]
    for power in powers:
        y = top + down * (1 - share(10**power))
        parts.append(f'<line x1="{left}" x2="{left + across}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(_text(left - 6, y + 4, _power(power), "end"))
    for x in xs:
        parts.append(_text(place[x], top + down + 18, str(x), "middle"))
    parts.append(_text(left + across / 2, height - 10, x_label, "middle"))
    for (engine, dashed), points in series.items():
        path = " ".join(f"{place[x]:.1f},{top + down * (1 - share(value)):.1f}" for x, value in sorted(points))
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[engine]}" stroke-width="2"{dash}/>')
    return _page(width, height, parts)
