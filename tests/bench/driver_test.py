"""The parts of bench/driver that take no time: which cases there are, how answers differ, what is written."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/driver"))

import engines  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402
import svg  # noqa: E402
from workloads import WORKLOADS, cases_of  # noqa: E402


def figures(*rounds):
    return measure.Figures(rates=list(rounds), rounds=list(rounds), peak=12_000)


class Driver(unittest.TestCase):
    def test_each_workload_has_its_rule(self):
        for workload in WORKLOADS:
            self.assertTrue(engines.rules_of(workload).is_file(), workload.name)

    def test_a_peer_that_gets_fewer_events_has_a_case_of_its_own_and_no_other_peer_is_in_it(self):
        absence = next(w for w in WORKLOADS if w.name == "absence")
        whole, fewer = cases_of(absence, ("esper", "siddhi"), quick=False)
        self.assertEqual((whole.events, whole.peers), (1_000_000, ("esper",)))
        self.assertEqual((fewer.events, fewer.peers), (50_000, ("siddhi",)))

    def test_a_difference_says_who_has_more_and_where(self):
        self.assertEqual(measure.difference("1\n2\n", "2\n3\n4\n5\n6\n"),
                         "other answers: 1 only tocsin has (at 1); 4 only it has (at 3, 4, 5, …)")

    def test_a_ratio_is_taken_round_by_round(self):
        self.assertEqual(report.ratio_of(figures(40, 20, 30), figures(10, 10, 10)), "3 (2 to 4)")

    def test_a_peer_without_a_figure_has_the_reason_in_its_place(self):
        self.assertEqual(report.rate_of(measure.Figures(problem="not expressed")), "not expressed")

    def test_rates_have_three_digits(self):
        self.assertEqual([report.short(n) for n in (1_234_567, 12_345_678, 234_567, 99)], ["1.23 M", "12.3 M", "235 k", "99"])

    def test_a_program_that_takes_too_long_is_ended(self):
        self.assertIsNone(measure.call(["sleep", "20"], 0.1)[0])

    def test_what_stands_around_the_marks_stays(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
            report.write_document(page, "new", {"a.svg": "<svg/>"})
            self.assertEqual(page.read_text(encoding="utf-8"),
                             f"before\n{report.BEGIN}\n\nnew\n\n![a](plots/a.svg)\n\n{report.END}\nafter\n")
            self.assertEqual(os.listdir(Path(folder) / "plots"), ["a.svg"])

    def test_the_page_has_the_marks(self):
        text = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
        self.assertEqual((text.count(report.BEGIN), text.count(report.END)), (1, 1))

    def test_a_faster_engine_has_a_longer_bar(self):
        text = svg.bars("t", [("w", {"tocsin": (1e6, 1e6, 1e6), "esper": (1e4, 1e4, 1e4)})], engines.NAMES)
        widths = [float(part.split('"')[0]) for part in text.split('width="')[1:] if '" height="9"' in part]
        self.assertGreater(widths[0], widths[1])


if __name__ == "__main__":
    unittest.main()
