// Records in, alerts out: what is accepted, and when what follows from it is shown.
#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "matcher.hpp"
#include "parser.hpp"
#include "records.hpp"
#include "reference/reference.hpp"
#include "windows.hpp"

namespace reference {
namespace {

struct Shown {
    Alert alert;
    Moment decided;
    std::vector<Value> key;
    std::vector<const Event*> events;  // in order, to sort by
};

bool shown_before(const Shown& a, const Shown& b) {
    if (a.decided.at != b.decided.at) {
        return a.decided.at < b.decided.at;
    }
    for (std::size_t i = 0; i < std::min(a.key.size(), b.key.size()); ++i) {
        if (const int c = compare(a.key[i], b.key[i]).value_or(0); c != 0) {
            return c < 0;
        }
    }
    for (std::size_t i = 0; i < std::min(a.events.size(), b.events.size()); ++i) {
        if (before(*a.events[i], *b.events[i]) || before(*b.events[i], *a.events[i])) {
            return before(*a.events[i], *b.events[i]);
        }
    }
    return a.events.size() < b.events.size();
}

EventId id_of(const Event& e) { return {e.input_name, e.partition, e.offset, e.record}; }

std::string identity(const Alert& a) {
    std::string id;
    for (const std::string& part : a.key) {
        id += part + "|";
    }
    std::vector<std::string> steps;
    for (const auto& [step, event] : a.steps) {
        steps.push_back(step + "=" + std::to_string(event.record) + ";");
    }
    std::sort(steps.begin(), steps.end());
    for (const std::string& step : steps) {
        id += step;
    }
    if (a.is_window) {
        id += std::to_string(a.window_start_us) + "-" + std::to_string(a.window_end_us) + "@" + std::to_string(a.window_event.record);
    }
    return id;
}

// What one rule has accepted, and what it has shown.
class RuleRun {
   public:
    RuleRun(const ProgramTree& program, const Rule& rule, const RunOptions& options, Output& output)
        : program_(program), rule_(rule), options_(options), output_(output), counters_(output.counters[rule.name]) {}

    const Rule& rule() const { return rule_; }
    std::int64_t watermark() const { return watermark_; }

    bool reads(const Arrival& arrival) const {
        return std::any_of(rule_.clock_streams.begin(), rule_.clock_streams.end(),
                           [&](int stream) { return arrival.event.as.contains(stream); });
    }
    std::int64_t time_of(const Arrival& arrival) const {
        for (const int stream : rule_.clock_streams) {
            if (const auto found = arrival.times.find(stream); found != arrival.times.end()) {
                return found->second;
            }
        }
        return arrival.event.time;
    }
    bool too_late(std::int64_t time) const { return watermark_ > kMinTime + rule_.lateness_us && time < watermark_ - rule_.lateness_us; }

    void count_duplicate() {
        ++counters_.received;
        ++counters_.duplicate;
    }
    void count_too_late() {
        ++counters_.received;
        ++counters_.too_late;
    }
    void accept(const Arrival& arrival) {
        const std::int64_t time = time_of(arrival);
        ++counters_.received;
        ++(time < watermark_ ? counters_.late_accepted : counters_.on_time);
        Event event = arrival.event;
        event.time = time;
        for (const Lookup& lookup : rule_.lookups) {
            if (event.as.contains(lookup.stream)) {
                insert(tables_[lookup.stream], event);
            }
        }
        const bool seen = std::any_of(rule_.streams.begin(), rule_.streams.end(), [&](int s) { return event.as.contains(s); });
        if (!seen) {
            return;
        }
        const std::optional<std::vector<Value>> key = key_of(program_, rule_, event);
        if (!key) {
            ++counters_.null_key;
            return;
        }
        std::string text;
        for (const Value& part : *key) {
            text += to_json(part) + ",";
        }
        Keyed& keyed = keys_[text];
        keyed.key = *key;
        insert(keyed.events, event);
    }

    void move_clock(const Clocks& clocks, std::size_t step) {
        watermark_ = std::max(watermark_, clocks.watermark(rule_, false).value_or(kMinTime));
        early_ = std::max(early_, clocks.watermark(rule_, true).value_or(kMinTime));
        after_record(step);
    }
    void end_of_input(std::size_t step) {
        watermark_ = early_ = kMaxTime;
        history_.emplace_back(watermark_, step);
        show(step);
    }

   private:
    struct Keyed {
        std::vector<Value> key;
        std::vector<Event> events;
    };

    // Final and without lateness nothing shown is ever taken back: it is enough to look once, at the end, and to note at
    // which record the watermark passed what.
    bool once() const { return !rule_.early && rule_.lateness_us == 0; }

    static void insert(std::vector<Event>& events, const Event& event) {
        events.insert(std::upper_bound(events.begin(), events.end(), event, before), event);
    }

    void after_record(std::size_t step) {
        if (history_.empty() || history_.back().first < watermark_) {
            history_.emplace_back(watermark_, step);
        }
        if (!once()) {
            show(step);
        }
    }

    bool visible(const Shown& s) const { return rule_.early ? !s.decided.by_time || s.decided.at < early_ : s.decided.at < watermark_; }

    std::vector<std::pair<std::string, std::string>> values_of(const Fields& lets,
                                                               const std::vector<std::pair<std::string, Value>>& returns) const {
        std::vector<std::pair<std::string, std::string>> values;
        for (const auto& [name, value] : rule_.lets) {
            values.emplace_back(name, to_json(lets.at(name)));
        }
        for (const auto& [name, value] : returns) {
            values.emplace_back(name, to_json(value));
        }
        return values;
    }

    Shown base(const Keyed& keyed, Moment decided) const {
        Shown s;
        s.decided = decided;
        s.key = keyed.key;
        s.alert.rule = rule_.name;
        s.alert.time_us = decided.at;
        for (const Value& part : keyed.key) {
            s.alert.key.push_back(to_json(part));
        }
        return s;
    }

    void add_matches(const MatchInput& input, const Keyed& keyed, std::vector<Shown>& out) const {
        for (const Candidate& c : choose(rule_, find_candidates(input, output_.too_big))) {
            Shown s = base(keyed, c.decided);
            for (const Taken& t : c.taken) {
                const Event& e = keyed.events[static_cast<std::size_t>(t.event)];
                s.events.push_back(&e);
                s.alert.steps.emplace_back(rule_.steps[static_cast<std::size_t>(t.step)], id_of(e));
            }
            Scope scope = scope_of_run(input, c.taken);
            const Fields lets = lets_of(input, scope);
            scope.lets = &lets;
            std::vector<std::pair<std::string, Value>> returns;
            for (const auto& [name, value] : rule_.returns) {
                returns.emplace_back(name, evaluate(*value, scope));
            }
            s.alert.values = values_of(lets, returns);
            out.push_back(std::move(s));
        }
    }

    void add_windows(const MatchInput& input, const Keyed& keyed, std::vector<Shown>& out) const {
        for (const WindowResult& w : find_windows(input)) {
            Shown s = base(keyed, w.decided);
            s.alert.is_window = true;
            s.alert.window_start_us = w.start;
            s.alert.window_end_us = w.end;
            if (w.event != nullptr) {
                s.alert.window_event = id_of(*w.event);
                s.events.push_back(w.event);
            }
            s.alert.values = values_of(w.lets, w.returns);
            out.push_back(std::move(s));
        }
    }

    // The rule as a pure function of what it has accepted so far.
    std::vector<Shown> meaning() const {
        std::vector<Shown> all;
        for (const auto& [text, keyed] : keys_) {
            Fields key;
            for (std::size_t i = 0; i < keyed.key.size(); ++i) {
                key[rule_.by[i].name] = keyed.key[i];
            }
            MatchInput input;
            input.program = &program_;
            input.rule = &rule_;
            input.events = &keyed.events;
            input.tables = &tables_;
            input.key = &key;
            input.max_runs = options_.max_runs;
            if (rule_.window) {
                add_windows(input, keyed, all);
            } else {
                add_matches(input, keyed, all);
            }
        }
        std::stable_sort(all.begin(), all.end(), shown_before);
        return all;
    }

    void show(std::size_t step) {
        std::map<std::string, Alert> now;
        std::vector<std::string> order;
        for (Shown& s : meaning()) {
            if (visible(s)) {
                std::string id = identity(s.alert);
                order.push_back(id);
                now.emplace(std::move(id), std::move(s.alert));
            }
        }
        for (const std::string& id : order_) {
            if (!now.contains(id)) {
                write(shown_.at(id), Op::kRetract, step);
            }
        }
        for (const std::string& id : order) {
            if (!shown_.contains(id)) {
                write(now.at(id), Op::kAlert, step);
            }
        }
        for (const std::string& id : order) {
            const auto old = shown_.find(id);
            if (old != shown_.end() && (old->second.values != now.at(id).values || old->second.time_us != now.at(id).time_us)) {
                write(now.at(id), Op::kCorrect, step);
            }
        }
        shown_ = std::move(now);
        order_ = std::move(order);
    }

    void write(Alert alert, Op op, std::size_t step) {
        alert.op = op;
        alert.step = step;
        if (once()) {
            const auto passed = std::find_if(history_.begin(), history_.end(), [&](const auto& w) { return alert.time_us < w.first; });
            alert.step = passed == history_.end() ? step : passed->second;
        }
        ++(op == Op::kAlert ? counters_.alerts : op == Op::kRetract ? counters_.retracts : counters_.corrects);
        output_.alerts.push_back(std::move(alert));
    }

    const ProgramTree& program_;
    const Rule& rule_;
    const RunOptions& options_;
    Output& output_;
    Counters& counters_;
    std::int64_t watermark_ = kMinTime;
    std::int64_t early_ = kMinTime;
    std::vector<std::pair<std::int64_t, std::size_t>> history_;  // the watermark, and the record that moved it there
    std::map<std::string, Keyed> keys_;
    std::map<int, std::vector<Event>> tables_;
    std::map<std::string, Alert> shown_;
    std::vector<std::string> order_;
};

class Replay {
   public:
    Replay(const ProgramTree& program, const RunOptions& options, Output& output)
        : program_(program), clocks_(program), output_(output) {
        rules_.reserve(program.rules.size());
        for (const Rule& rule : program.rules) {
            if (!rule.off) {
                rules_.emplace_back(program, rule, options, output);
            }
        }
    }

    void record(const Arrival& arrival, std::size_t step) {
        if (arrival.kind == Arrival::Kind::kEvent && !judge(arrival, step)) {
            return;
        }
        clocks_.hear(arrival);
        for (RuleRun& rule : rules_) {
            rule.move_clock(clocks_, step);
        }
    }

    void end(std::size_t step) {
        for (RuleRun& rule : rules_) {
            rule.end_of_input(step);
        }
        // Rule by rule, each in its own order.
        std::map<std::string, std::size_t> place;
        for (const Rule& rule : program_.rules) {
            place.emplace(rule.name, place.size());
        }
        std::stable_sort(output_.alerts.begin(), output_.alerts.end(),
                         [&](const Alert& a, const Alert& b) { return place.at(a.rule) < place.at(b.rule); });
    }

   private:
    // False for a duplicate, which moves nothing.
    bool judge(const Arrival& arrival, std::size_t step) {
        const auto place = std::tuple(arrival.input, arrival.event.partition, arrival.event.offset);
        const bool again = !seen_.insert(place).second;
        const bool acceptable = std::any_of(rules_.begin(), rules_.end(), [&](const RuleRun& rule) {
            return rule.reads(arrival) && !rule.too_late(rule.time_of(arrival));
        });
        std::map<int, Late> late;
        for (RuleRun& rule : rules_) {
            if (!rule.reads(arrival)) {
                continue;
            }
            const std::int64_t time = rule.time_of(arrival);
            if (again && acceptable) {
                rule.count_duplicate();
            } else if (rule.too_late(time)) {
                rule.count_too_late();
                for (const int stream : rule.rule().clock_streams) {
                    if (arrival.event.as.contains(stream)) {
                        Late& line = late[stream];
                        line.behind_us = std::max(line.behind_us, rule.watermark() - time);
                        line.rules.push_back(rule.rule().name);
                    }
                }
            } else {
                rule.accept(arrival);
            }
        }
        for (auto& [stream, line] : late) {
            line.event = id_of(arrival.event);
            line.stream = program_.streams[static_cast<std::size_t>(stream)].name;
            line.step = step;
            output_.late.push_back(std::move(line));
        }
        return !(again && acceptable);
    }

    const ProgramTree& program_;
    Clocks clocks_;
    Output& output_;
    std::vector<RuleRun> rules_;
    std::set<std::tuple<int, std::string, std::int64_t>> seen_;
};

}  // namespace

Result<Program> parse(std::string_view rules) {
    try {
        return Program(std::make_shared<const ProgramTree>(parse_program(rules)));
    } catch (const std::exception& error) {
        return tl::unexpected(std::string(error.what()));
    }
}

Output run(const Program& program, std::span<const Record> records, const RunOptions& options) {
    Output output;
    const std::vector<Arrival> arrivals = read_arrivals(program.tree(), records);
    Replay replay(program.tree(), options, output);
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        replay.record(arrivals[i], i);
    }
    replay.end(arrivals.size());
    return output;
}

}  // namespace reference
