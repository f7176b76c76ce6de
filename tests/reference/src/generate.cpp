#include "../generate.hpp"

#include <algorithm>
#include <random>

#include "generate_model.hpp"

namespace reference {
namespace {

class Dice {
   public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    // std::uniform_int_distribution differs between libraries; the remainder does not.
    int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
    int between(int low, int high) { return low + below(high - low + 1); }
    bool chance(int percent) { return below(100) < percent; }
    std::string one_of(const std::vector<std::string>& all) { return all[static_cast<std::size_t>(below(static_cast<int>(all.size())))]; }

   private:
    std::mt19937_64 random_;
};

struct Shape {
    bool two_streams = false;
    bool shared = false;  // one record can belong to both streams
    int alphabet = 3;
    int keys = 0;         // 0: no `by`
    bool other_key = false;
    int slack = 0;
    int partitions = 1;
    bool table = false;   // the rule looks into it
};

class RuleMaker {
   public:
    RuleMaker(Dice& dice, const GeneratorOptions& options, const Shape& shape) : dice_(dice), options_(options), shape_(shape) {}

    PatternNode pattern() {
        bool started = false;
        return sequence(0, started, true);
    }
    const std::vector<std::string>& names() const { return names_; }

    std::string stream() { return shape_.two_streams && dice_.chance(40) ? "T" : "S"; }

    Phrase own_condition() {
        static const std::string kLetters = "abcd";
        const std::string letter(1, kLetters[static_cast<std::size_t>(dice_.below(shape_.alphabet))]);
        const std::string number = std::to_string(dice_.below(5));
        if (shape_.table && dice_.chance(40)) {
            return {dice_.one_of({"z.w > " + number, "coalesce(z.w, 1) <= v", "z.w = null", "not (z.w = v)"}), {}};
        }
        switch (dice_.below(12)) {
            case 0: return {"v > " + number, {}};
            case 1: return {"v <= " + number, {}};
            case 2: return {"v = null", {}};
            case 3: return {"type in (\"" + letter + "\", \"" + dice_.one_of({"a", "b"}) + "\")", {}};
            case 4: return {"not (type = \"" + letter + "\")", {}};
            case 5: return {"(type = \"" + letter + "\" or v = " + number + ")", {}};
            case 6: return {"v % 2 = " + std::to_string(dice_.below(2)), {}};
            case 7: return {"type like \"" + letter + "*\" and v != " + number, {}};
            default: return {"type = \"" + letter + "\"", {}};
        }
    }

    Phrase judgement(const std::string& a, const std::string& b) {
        const std::string number = std::to_string(dice_.below(8));
        if (shape_.table && dice_.chance(60)) {
            return dice_.chance(50) ? Phrase{"coalesce(z.w, 2) > " + std::to_string(dice_.below(4)), {}}
                                    : Phrase{"z.w != " + b + ".v", {b}};
        }
        switch (dice_.below(7)) {
            case 0: return {b + ".v > " + a + ".v", {a, b}};
            case 1: return {"sum(" + a + ".v) < " + number, {a}};
            case 2: return {"count(" + a + ") + count(" + b + ") >= 2", {a, b}};
            case 3: return {"not (max(" + a + ".v) > " + number + ")", {a}};
            case 4: return {"coalesce(" + a + ".v, 1) + coalesce(" + b + ".v, 0) > 2", {a, b}};
            case 5: return {"avg(" + a + ".v) >= 1.5 or min(" + b + ".v) = 0", {a, b}};
            default: return {"first(" + a + ").v <= last(" + b + ").v", {a, b}};
        }
    }

   private:
    PatternEvent event(bool started, const std::string& self) {
        PatternEvent e;
        e.stream = stream();
        if (!dice_.chance(8)) {
            e.conditions.push_back(own_condition());
        }
        if ((!names_.empty() || !self.empty()) && dice_.chance(25)) {
            e.conditions.push_back(condition_on_run(started, self));
        }
        return e;
    }

    Phrase condition_on_run(bool started, const std::string& self) {
        std::vector<std::string> known = names_;
        if (!self.empty()) {
            known.push_back(self);
        }
        const std::string a = dice_.one_of(known);
        const std::string number = std::to_string(dice_.between(2, 9));
        switch (dice_.below(started ? 10 : 8)) {
            case 0: return {"v >= " + a + ".v", {a}};
            case 1: return {"v = " + a + ".v", {a}};
            case 2: return {"sum(" + a + ".v) + v < " + number, {a}};
            case 3: return {"count(" + a + ") < " + std::to_string(dice_.between(1, 4)), {a}};
            case 4: return {"(count(" + a + ") = 0 or type = last(" + a + ").type)", {a}};
            case 5: return {"(" + a + ".v = null or v != " + a + ".v)", {a}};
            case 6: return {"coalesce(distinct(" + a + ".type), 0) < 2", {a}};
            case 7: return {"coalesce(max(" + a + ".v), 0) <= v", {a}};
            case 8: return {"v > prev.v", {"prev"}};
            default: return {"type != prev.type", {"prev"}};
        }
    }

    void quantify(PatternNode& node, bool started) {
        if (dice_.chance(40)) {
            node.times = dice_.one_of({"+", "+", "*", "?", "{2}", "{1,2}", "{2,}", "{0,2}", "{1,3}", "{2,3}", "{3}"});
            const bool unbounded = node.times == "+" || node.times == "*" || node.times == "{2,}";
            if (dice_.chance(30)) {
                node.words = "strict";
            } else if (dice_.chance(15) && branchy_ < (unbounded ? 1 : 2)) {
                node.words = "any";
                branchy_ += unbounded ? 2 : 1;
            }
            if (dice_.chance(15)) {
                node.words += (node.words.empty() ? "" : " ") + std::string("lazy");
            } else if (dice_.chance(20) && branchy_ < 3) {
                node.words += (node.words.empty() ? "" : " ") + std::string("each");
                ++branchy_;
            }
            if (dice_.chance(25)) {
                node.until = event(started, node.kind == PatternNode::Kind::kStep ? node.name : "");
            }
        }
        if (dice_.chance(12)) {
            node.in_seconds = dice_.between(1, 15);
        }
    }

    PatternNode item(int depth, bool& started) {
        PatternNode node;
        const bool was = started;
        if (depth < options_.max_depth && steps_ + 1 < options_.max_steps && dice_.chance(25)) {
            node = sequence(depth + 1, started, false);
        } else {
            node.name = std::string(1, static_cast<char>('a' + steps_++));
            started = true;
        }
        quantify(node, was);
        if (node.kind == PatternNode::Kind::kStep) {
            // A step that is not repeated has nothing to say about itself.
            const bool repeated = !node.times.empty() && node.times != "?";
            node.event = event(was, repeated ? node.name : "");
            names_.push_back(node.name);
        }
        started = node.can_be_skipped() ? was : started;
        return node;
    }

    PatternNode choice(int depth, bool& started) {
        PatternNode node;
        node.kind = dice_.chance(50) ? PatternNode::Kind::kAnd : PatternNode::Kind::kOr;
        const std::vector<std::string> before = names_;
        std::vector<std::string> after = names_;
        const int count = dice_.chance(20) ? 3 : 2;
        for (int i = 0; i < count; ++i) {
            names_ = before;
            bool own = started;
            node.children.push_back(item(depth + 1, own));
            after.insert(after.end(), names_.begin() + static_cast<std::ptrdiff_t>(before.size()), names_.end());
        }
        // Both branches of an `or` may use the same step name.
        if (node.kind == PatternNode::Kind::kOr && dice_.chance(25) && node.children[0].kind == PatternNode::Kind::kStep &&
            node.children[1].kind == PatternNode::Kind::kStep && node.children[0].event.stream == node.children[1].event.stream) {
            node.children[1].name = node.children[0].name;
        }
        names_ = after;
        started = true;
        return node;
    }

    PatternNode sequence(int depth, bool& started, bool root) {
        PatternNode group;
        group.kind = PatternNode::Kind::kGroup;
        const int wanted = dice_.between(root && depth == 0 ? 1 : 2, std::max(2, options_.max_items - depth));
        const auto add = [&](PatternNode child) {
            if (!group.children.empty()) {
                const bool any = dice_.chance(12) && branchy_ < 3;
                branchy_ += any ? 1 : 0;
                group.links.push_back(any ? "~>" : dice_.chance(22) ? "=>" : "->");
            }
            group.children.push_back(std::move(child));
        };
        const auto add_not = [&] {
            PatternNode negated;
            negated.kind = PatternNode::Kind::kNot;
            negated.event = event(started, "");
            negated.in_seconds = dice_.chance(30) ? dice_.between(1, 15) : 0;
            add(std::move(negated));
        };
        for (int i = 0; i < wanted; ++i) {
            if (dice_.chance(root && i == 0 ? 7 : 12)) {
                add_not();
            }
            if (i > 0 && steps_ >= options_.max_steps) {
                break;
            }
            if (depth < options_.max_depth && steps_ + 2 < options_.max_steps && dice_.chance(14)) {
                add(choice(depth, started));
            } else {
                add(item(depth, started));
            }
        }
        if (dice_.chance(root ? 15 : 6)) {
            add_not();
        }
        return group;
    }

    Dice& dice_;
    const GeneratorOptions& options_;
    const Shape& shape_;
    std::vector<std::string> names_;
    int steps_ = 0;
    int branchy_ = 0;  // what multiplies runs, kept low
};

// Its rows are keyed as the events are, so that many look-ups find one.
const char* const kTable = "\ntable D(k: string, w: int, ts: time)\n  key k\n  time ts\n  slack ";

std::string streams_text(const Shape& shape) {
    const std::string fields = "(id: int, type: string, v: int, g: int, k: string, u: string, ts: time)\n  time ts\n  slack ";
    std::string out = "stream S" + fields + std::to_string(shape.slack) + "s\n" + (shape.shared ? "  where g <= 1\n" : "");
    if (shape.two_streams) {
        out += "\nstream T" + fields + std::to_string(shape.slack) + "s\n" + (shape.shared ? "  where g >= 1\n" : "");
    }
    if (shape.table) {
        out += kTable + std::to_string(shape.slack) + "s\n";
    }
    return out;
}

constexpr int kTablePartition = 7;
constexpr std::int64_t kBase = 1'700'000'000'000;

struct MadeEvent {
    std::int64_t ts = 0;
    std::int64_t arrival = 0;
    int partition = 0;
    std::string stream;
    std::string line;
};

MadeEvent make_event(Dice& dice, const Shape& shape, int id, std::int64_t ts, std::vector<int>& offsets) {
    MadeEvent e;
    e.ts = ts;
    e.partition = dice.below(shape.partitions);
    e.stream = shape.two_streams && dice.chance(40) ? "T" : "S";
    const auto text = [&](const std::string& value, int null_percent) { return dice.chance(null_percent) ? "null" : value; };
    const std::string letter = "\"" + std::string(1, static_cast<char>('a' + dice.below(shape.alphabet))) + "\"";
    const std::string key = "\"k" + std::to_string(dice.below(std::max(1, shape.keys))) + "\"";
    e.line = "{" + (shape.shared ? std::string() : "\"$stream\": \"" + e.stream + "\", ");
    e.line += "\"$partition\": \"" + std::to_string(e.partition) + "\", \"$offset\": ";
    e.line += std::to_string(offsets[static_cast<std::size_t>(e.partition)]++) + ", \"id\": " + std::to_string(id);
    e.line += ", \"type\": " + letter + ", \"v\": " + text(std::to_string(dice.below(5)), 8) + ", \"g\": " + std::to_string(dice.below(3));
    const std::string k = text(key, 3);
    e.line += ", \"k\": " + k + ", \"u\": " + (dice.chance(95) ? k : text(key, 3)) + ", \"ts\": " + std::to_string(ts) + "}";
    return e;
}

MadeEvent make_row(Dice& dice, const Shape& shape, std::int64_t ts, int offset) {
    MadeEvent e;
    e.ts = ts;
    e.stream = "D";
    e.partition = kTablePartition;
    e.line = "{\"$stream\": \"D\", \"$partition\": \"7\", \"$offset\": " + std::to_string(offset);
    e.line += ", \"k\": \"k" + std::to_string(dice.below(std::max(1, shape.keys))) + "\"";
    e.line += dice.chance(20) ? ", \"$op\": \"delete\"" : ", \"w\": " + (dice.chance(10) ? std::string("null") : std::to_string(dice.below(5)));
    e.line += ", \"ts\": " + std::to_string(ts) + "}";
    return e;
}

std::string control_line(const char* kind, const std::string& stream, int partition, std::int64_t ts) {
    return std::string("{\"$") + kind + "\": {\"stream\": \"" + stream + "\", \"partition\": \"" + std::to_string(partition) + "\"" +
           (ts >= 0 ? ", \"ts\": " + std::to_string(ts) : "") + "}}";
}

std::vector<std::string> make_lines(Dice& dice, const GeneratorOptions& options, const Shape& shape) {
    static constexpr int kGaps[] = {0, 0, 0, 500, 1000, 1000, 2000, 3000, 5000, 10000};
    std::vector<MadeEvent> events;
    std::vector<int> offsets(static_cast<std::size_t>(shape.partitions), 1);
    const int count = dice.between(options.min_events, options.max_events);
    std::int64_t ts = kBase;
    for (int i = 0; i < count; ++i) {
        ts += kGaps[dice.below(10)];
        events.push_back(shape.table && dice.chance(40) ? make_row(dice, shape, ts, i) : make_event(dice, shape, i + 1, ts, offsets));
        // Sorted by ts + [0, slack], an event never comes after one that is more than the slack later.
        const int reach = shape.slack * 1000 * (options.beyond_slack ? 3 : 1) + (options.beyond_slack ? 6000 : 0);
        events.back().arrival = ts + (dice.chance(50) ? 0 : dice.below(reach + 1));
    }
    std::stable_sort(events.begin(), events.end(), [](const MadeEvent& a, const MadeEvent& b) { return a.arrival < b.arrival; });
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (options.control && dice.chance(10)) {
            const bool of_table = shape.table && dice.chance(30);
            const int partition = of_table ? kTablePartition : dice.below(shape.partitions);
            const std::string stream = of_table ? "D" : shape.two_streams && dice.chance(50) ? "T" : "S";
            // What is still to come in the partition; a shared record moves both streams.
            std::int64_t least = INT64_MAX;
            for (std::size_t j = i; j < events.size(); ++j) {
                if (events[j].partition == partition && (events[j].stream == stream || (shape.shared && events[j].stream != "D"))) {
                    least = std::min(least, events[j].ts);
                }
            }
            const std::int64_t now = events[i].ts;
            if (dice.chance(40) && (least == INT64_MAX || options.beyond_slack)) {
                lines.push_back(control_line("idle", stream, partition, -1));
            } else {
                lines.push_back(control_line("watermark", stream, partition, options.beyond_slack ? now : std::min(now, least)));
            }
        }
        lines.push_back(events[i].line);
        if (options.duplicates && dice.chance(5)) {
            lines.push_back(events[static_cast<std::size_t>(dice.below(static_cast<int>(i) + 1))].line);
        }
    }
    return lines;
}

// `window` and what it is of: the size, then for fixed windows the step and how long a silent key is judged.
std::string make_window(Dice& dice, RuleMaker& maker) {
    const int size = dice.between(2, 20);
    std::string clause = "window   ";
    switch (dice.below(4)) {
        case 0: clause += "sliding " + std::to_string(size) + "s"; break;
        case 1: clause += "session " + std::to_string(size) + "s"; break;
        case 2: clause += std::to_string(size) + "s"; break;
        default: clause += std::to_string(size) + "s every " + std::to_string(dice.between(1, size)) + "s"; break;
    }
    if (clause.find("s", 9) == clause.size() - 1 || clause.find("every") != std::string::npos) {
        clause += dice.chance(30) ? " for " + std::to_string(dice.between(1, 40)) + "s" : "";
    }
    return clause + " on " + maker.stream() + "[" + maker.own_condition().text + "]";
}

void add_window_clauses(Dice& dice, bool table, CaseModel& model) {
    static const std::vector<std::string> kWheres{"n >= 2", "n > coalesce(prev(n), 0)", "n = 0 or s > 3", "prev(s) = null or s >= prev(s)",
                                                  "c > 0 and n < 4"};
    static const std::vector<std::string> kReturns{"d = distinct(type)", "m = max(v)", "l = min(v)", "q = quantile(v, 0.5)",
                                                   "p = quantile(v, 0.9)", "a = avg(v)", "f = first(v)", "e = last(type)",
                                                   "b = prev(c)", "t = max(type)"};
    model.needed.push_back("let      n = count()");
    model.needed.push_back("let      s = sum(v)");
    model.needed.push_back("let      c = count(v > 1)");
    if (table) {
        model.needed.push_back("let      x = z.w");
        model.needed.push_back("let      y = sum(v * z.w)");
        model.clauses.push_back({"where    " + dice.one_of({"n >= 2 or x > 1", "coalesce(x, 2) < 3", "y > 3", "y != prev(y)"}), {}});
        return;
    }
    if (dice.chance(80)) {
        model.clauses.push_back({"where    " + dice.one_of(kWheres), {}});
    }
    std::string returns;
    for (const std::string& one : kReturns) {
        returns += dice.chance(40) ? (returns.empty() ? "return   " : ", ") + one : "";
    }
    if (!returns.empty()) {
        model.clauses.push_back({returns, {}});
    }
    if (model.window.find("sliding") != std::string::npos && dice.chance(30)) {
        model.clauses.push_back({"overlap  none", {}});
    }
}

void add_clauses(Dice& dice, const GeneratorOptions& options, const Shape& shape, RuleMaker& maker, CaseModel& model) {
    if (shape.keys > 0) {
        model.key = shape.other_key && shape.two_streams ? "k = T.u" : "k";
    }
    if (model.window.empty()) {
        model.needed.push_back("within   " + std::to_string(dice.between(5, 60)) + "s");
        const std::string a = dice.one_of(maker.names());
        const std::string b = dice.one_of(maker.names());
        switch (dice.below(10)) {
            case 0: model.clauses.push_back({"skip     past last", {}}); break;
            case 1: model.clauses.push_back({"skip     to next", {}}); break;
            case 2: model.clauses.push_back({"skip     to first " + a, {a}}); break;
            case 3: model.clauses.push_back({"skip     to last " + a, {a}}); break;
            case 4:
            case 5: model.clauses.push_back({"overlap  none", {}}); break;
            case 6:
            case 7: model.clauses.push_back({"overlap  all", {}}); break;
            default: break;
        }
        if (dice.chance(20)) {
            Phrase phrase = maker.judgement(a, b);
            phrase.text = "where    " + phrase.text;
            model.clauses.push_back(std::move(phrase));
        }
        if (shape.table && dice.chance(50)) {
            model.clauses.push_back({"return   w = z.w", {}});
        } else if (dice.chance(15)) {
            model.clauses.push_back({"return   n = count(" + a + "), s = sum(" + b + ".v)", {a, b}});
        }
    } else {
        add_window_clauses(dice, shape.table, model);
    }
    if (shape.table) {
        model.needed.push_back(std::string("lookup   D as z on z.k = ") + (shape.keys > 0 ? "k" : "\"k0\""));
    }
    if (options.lateness && dice.chance(60)) {
        model.needed.push_back("lateness " + std::to_string(dice.between(1, 20)) + "s");
    }
    if (options.early && dice.chance(60)) {
        model.needed.push_back("emit     early");
    }
}

}  // namespace

Case make_case(std::uint64_t seed, const GeneratorOptions& options) {
    Dice dice(seed);
    Shape shape;
    shape.two_streams = options.two_streams && dice.chance(35);
    shape.shared = shape.two_streams && dice.chance(30);
    shape.alphabet = dice.between(2, 4);
    shape.keys = dice.chance(40) ? 0 : dice.between(2, 3);
    shape.other_key = dice.chance(30);
    shape.slack = dice.chance(30) ? 0 : dice.between(1, 10);
    shape.table = options.tables && dice.chance(80);
    shape.partitions = options.partitions && dice.chance(30) ? 2 : 1;
    CaseModel model;
    model.pattern.kind = PatternNode::Kind::kGroup;
    model.streams = streams_text(shape);
    RuleMaker maker(dice, options, shape);
    if (options.windows && dice.chance(options.windows_only ? 100 : 30)) {
        model.window = make_window(dice, maker);
    } else {
        model.pattern = maker.pattern();
    }
    add_clauses(dice, options, shape, maker, model);
    model.lines = make_lines(dice, options, shape);
    model.description = "seed " + std::to_string(seed);
    drop_dangling(model);
    return to_case(std::move(model));
}

}  // namespace reference
