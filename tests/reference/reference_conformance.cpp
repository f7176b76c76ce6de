// reference_conformance FLINK.json [LATE.json]: the shared cases with the reference alone, PASS or FAIL each.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "reference/reference.hpp"
#include "src/json.hpp"

namespace {

using reference::Json;

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string write_json(const Json& json) {
    std::string out;
    if (const auto* items = json.array()) {
        for (const Json& item : *items) {
            out += (out.empty() ? "" : ",") + write_json(item);
        }
        return "[" + out + "]";
    }
    if (const auto* members = json.object()) {
        for (const auto& [name, member] : *members) {
            out += (out.empty() ? "" : ",") + reference::quote_json(name) + ":" + write_json(member);
        }
        return "{" + out + "}";
    }
    if (const auto* text = json.text()) {
        return reference::quote_json(*text);
    }
    if (const auto* b = std::get_if<bool>(&json.value)) {
        return *b ? "true" : "false";
    }
    if (const auto i = json.integer()) {
        return std::to_string(*i);
    }
    if (const auto* d = std::get_if<double>(&json.value)) {
        std::ostringstream number;
        number.precision(17);
        number << *d;
        return number.str();
    }
    return "null";
}

struct Replayed {
    reference::Output output;
    const Json* events = nullptr;

    std::string id(const reference::EventId& e) const {
        const Json* id = (*events->array())[e.record].find("id");
        return id != nullptr && id->text() != nullptr ? *id->text() : "?";
    }
};

std::optional<Replayed> replay(const Json& test) {
    const auto program = reference::parse(*test.find("rules")->text());
    if (!program) {
        std::cout << "  " << program.error() << "\n";
        return std::nullopt;
    }
    Replayed replayed;
    replayed.events = test.find("events");
    std::vector<reference::Record> records;
    for (const Json& event : *replayed.events->array()) {
        records.push_back({write_json(event), "events", static_cast<std::int64_t>(records.size() + 1)});
    }
    replayed.output = reference::run(*program, records);
    return replayed;
}

bool differ(std::vector<std::string> expected, std::vector<std::string> got, const char* what) {
    std::sort(expected.begin(), expected.end());
    std::sort(got.begin(), got.end());
    if (expected == got) {
        return false;
    }
    std::cout << "  " << what << " expected:";
    for (const std::string& line : expected) {
        std::cout << "\n    " << line;
    }
    std::cout << "\n  got:";
    for (const std::string& line : got) {
        std::cout << "\n    " << line;
    }
    std::cout << "\n";
    return true;
}

std::string sorted_text(std::vector<std::string> ids) {
    std::sort(ids.begin(), ids.end());
    std::string out;
    for (const std::string& id : ids) {
        out += id + " ";
    }
    return out;
}

std::vector<std::string> texts(const Json* list) {
    std::vector<std::string> out;
    for (const Json& item : *list->array()) {
        out.push_back(*item.text());
    }
    return out;
}

bool flink(const Json& test) {
    const std::optional<Replayed> replayed = replay(test);
    if (!replayed) {
        return false;
    }
    std::vector<std::string> expected;
    for (const Json& match : *test.find("expected")->array()) {
        expected.push_back(sorted_text(texts(&match)));
    }
    std::vector<std::string> got;
    for (const reference::Alert& alert : replayed->output.alerts) {
        std::vector<std::string> ids;
        for (const auto& [step, event] : alert.steps) {
            ids.push_back(replayed->id(event));
        }
        got.push_back(sorted_text(std::move(ids)));
    }
    bool ok = !differ(expected, got, "matches");
    std::vector<std::string> late;
    for (const reference::Late& line : replayed->output.late) {
        late.push_back(replayed->id(line.event));
    }
    const Json* late_expected = test.find("late");
    ok = !differ(late_expected != nullptr ? texts(late_expected) : std::vector<std::string>(), late, "late") && ok;
    return ok;
}

std::string expected_op(const Json& op) {
    const auto member = [&](const char* name) {
        const Json* m = op.find(name);
        return m == nullptr ? std::string("-") : write_json(*m);
    };
    const Json* match = op.find("match");
    return member("step") + " " + member("op") + " " + member("key") + " match " +
           (match == nullptr ? "" : sorted_text(texts(match))) + " window " + member("window") + " value " + member("value") + " time " +
           member("time") + " late " + member("event") + " " + member("behind");
}

std::vector<std::string> ops_of(const Replayed& replayed) {
    static const char* const kOps[] = {"\"retract\"", "\"alert\"", "\"correct\""};
    std::vector<std::string> out;
    for (const reference::Alert& a : replayed.output.alerts) {
        std::vector<std::string> ids;
        for (const auto& [step, event] : a.steps) {
            ids.push_back(replayed.id(event));
        }
        const std::string window = "[" + std::to_string(a.window_start_us / 1000) + "," + std::to_string(a.window_end_us / 1000) + "]";
        out.push_back(std::to_string(a.step) + " " + kOps[static_cast<int>(a.op)] + " " + (a.key.empty() ? "-" : a.key[0]) + " match " +
                      sorted_text(std::move(ids)) + " window " + (a.is_window ? window : "-") + " value " +
                      (a.values.empty() ? "-" : a.values[0].second) + " time " + std::to_string(a.time_us / 1000) + " late - -");
    }
    for (const reference::Late& late : replayed.output.late) {
        out.push_back(std::to_string(late.step) + " \"late\" - match  window - value - time - late " +
                      reference::quote_json(replayed.id(late.event)) + " " + std::to_string(late.behind_us / 1000));
    }
    return out;
}

bool late(const Json& test) {
    const std::optional<Replayed> replayed = replay(test);
    if (!replayed) {
        return false;
    }
    std::vector<std::string> expected;
    for (const Json& op : *test.find("expected")->array()) {
        expected.push_back(expected_op(op));
    }
    bool ok = !differ(expected, ops_of(*replayed), "ops");
    const reference::Counters& c = replayed->output.counters.begin()->second;
    const std::map<std::string, std::int64_t> got{{"received", c.received},     {"on_time", c.on_time},     {"late_accepted", c.late_accepted},
                                                  {"too_late", c.too_late},     {"duplicate", c.duplicate}, {"alerts", c.alerts},
                                                  {"retracts", c.retracts},     {"corrects", c.corrects}};
    for (const auto& [name, count] : got) {
        const Json* wanted = test.find("counters")->find(name);
        if ((wanted == nullptr ? 0 : wanted->integer().value_or(-1)) != count) {
            std::cout << "  counter " << name << " is " << count << "\n";
            ok = false;
        }
    }
    return ok;
}

int check(const std::string& path, bool (*test)(const Json&)) {
    const std::optional<Json> cases = reference::parse_json(read_file(path));
    if (!cases || cases->array() == nullptr) {
        std::cout << "cannot read " << path << "\n";
        return 1;
    }
    int failed = 0;
    for (const Json& one : *cases->array()) {
        const bool ok = test(one);
        std::cout << (ok ? "PASS " : "FAIL ") << *one.find("id")->text() << "\n";
        failed += ok ? 0 : 1;
    }
    std::cout << path << ": " << cases->array()->size() << " cases, " << failed << " failed\n";
    return failed;
}

}  // namespace

int main(int argc, char** argv) {
    int failed = argc < 2 ? 1 : check(argv[1], flink);
    if (argc > 2) {
        failed += check(argv[2], late);
    }
    return failed == 0 ? 0 : 1;
}
