// Declarations, and names of streams resolved once all of them are known.
#include "parser.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "parse_pattern.hpp"

namespace reference {
namespace {

class FileParser {
   public:
    explicit FileParser(std::string_view text) : in_(tokenize(text)) {}

    ProgramTree file() {
        while (!in_.at_end()) {
            const std::string word = in_.name();
            if (word == "stream" || word == "table") {
                stream(word == "table");
            } else if (word == "list") {
                const std::string name = in_.name();
                in_.expect("=");
                in_.expect("(");
                do {
                    program_.lists[name].push_back(parse_literal(in_));
                } while (in_.accept(","));
                in_.expect(")");
            } else if (word == "define") {
                const std::string name = in_.name();
                in_.expect("=");
                program_.defines[name] = parse_expression(in_);
            } else if (word == "rule") {
                rule();
            } else {
                in_.fail("not a declaration that the reference knows: " + word);
            }
        }
        for (std::size_t i = 0; i < program_.rules.size(); ++i) {
            resolve(program_.rules[i], step_streams_[i]);
        }
        return std::move(program_);
    }

   private:
    Type type() {
        static const std::map<std::string, Type> kTypes{{"bool", Type::kBool},     {"int", Type::kInt},
                                                        {"float", Type::kFloat},   {"string", Type::kString},
                                                        {"time", Type::kTime},     {"duration", Type::kDuration},
                                                        {"ip", Type::kIp}};
        const auto found = kTypes.find(in_.name());
        if (found == kTypes.end()) {
            in_.fail("unknown type");
        }
        return found->second;
    }

    void stream(bool table) {
        Stream s;
        s.table = table;
        s.name = in_.name();
        in_.expect("(");
        do {
            Stream::Field field;
            field.path = in_.dotted();
            in_.expect(":");
            field.type = type();
            s.fields.push_back(field);
        } while (in_.accept(","));
        in_.expect(")");
        if (table) {
            in_.expect("key");
            s.key = in_.dotted();
        }
        for (;;) {
            if (in_.accept("time")) {
                s.time = in_.dotted();
                if (in_.is("s") || in_.is("ms") || in_.is("us") || in_.is("ns")) {
                    const std::string unit = in_.name();
                    s.unit = unit == "s"    ? TimeUnit::kSeconds
                             : unit == "ms" ? TimeUnit::kMillis
                             : unit == "us" ? TimeUnit::kMicros
                                            : TimeUnit::kNanos;
                }
            } else if (in_.accept("slack")) {
                s.slack_us = in_.duration();
            } else if (in_.accept("idle")) {
                in_.duration();  // wall-clock silence; a replay has `$idle` records instead
            } else if (in_.accept("where")) {
                s.where = parse_expression(in_);
            } else if (in_.accept("from")) {
                s.from = in_.string();
            } else {
                break;
            }
        }
        program_.streams.push_back(std::move(s));
    }

    void key(Rule& rule) {
        do {
            KeyPart part;
            part.name = in_.dotted();
            while (in_.accept("=")) {
                const std::string stream = in_.name();
                in_.expect(".");
                part.by_stream[stream] = in_.dotted();
            }
            rule.by.push_back(std::move(part));
        } while (in_.accept(","));
    }

    void window(Rule& rule, PatternParser& patterns) {
        Window w;
        if (in_.accept("sliding")) {
            w.kind = Window::Kind::kSliding;
        } else if (in_.accept("session")) {
            w.kind = Window::Kind::kSession;
        }
        w.size_us = w.step_us = in_.duration();
        if (in_.accept("every")) {
            w.step_us = in_.duration();
        }
        if (in_.accept("for")) {
            w.for_us = in_.duration();
        }
        in_.expect("on");
        w.event = patterns.event();
        rule.window = std::move(w);
    }

    void overlap(Rule& rule) {
        rule.choice = in_.accept("all") ? Choice::kAll : in_.accept("none") ? Choice::kNone : Choice::kEnds;
        if (rule.choice == Choice::kEnds) {
            in_.expect("ends");
        }
    }

    void skip(Rule& rule, std::string& step) {
        if (in_.accept("past")) {
            in_.expect("last");
            rule.choice = Choice::kSkipPastLast;
            return;
        }
        in_.expect("to");
        if (in_.accept("next")) {
            rule.choice = Choice::kSkipToNext;
            return;
        }
        rule.choice = in_.accept("first") ? Choice::kSkipToFirst : Choice::kSkipToLast;
        if (rule.choice == Choice::kSkipToLast) {
            in_.expect("last");
        }
        step = in_.name();
    }

    bool clause(Rule& rule, PatternParser& patterns, std::string& skip_step) {
        if (in_.accept("severity")) {
            in_.name();
        } else if (in_.accept("label")) {
            in_.name();
            in_.expect("=");
            parse_literal(in_);
        } else if (in_.accept("mode")) {
            rule.off = in_.name() == "off";
        } else if (in_.accept("lookup")) {
            Lookup lookup;
            lookup.table = in_.name();
            in_.expect("as");
            lookup.alias = in_.name();
            in_.expect("on");
            const std::string path = in_.dotted();
            lookup.key = path.substr(path.find('.') + 1);
            in_.expect("=");
            lookup.value = parse_expression(in_);
            rule.lookups.push_back(std::move(lookup));
        } else if (in_.accept("when")) {
            rule.when = patterns.pattern();
        } else if (in_.accept("window")) {
            window(rule, patterns);
        } else if (in_.accept("by")) {
            key(rule);
        } else if (in_.accept("within")) {
            rule.within_us = in_.duration();
        } else if (in_.accept("let")) {
            const std::string name = in_.name();
            in_.expect("=");
            rule.lets.emplace_back(name, parse_expression(in_));
        } else if (in_.accept("where")) {
            rule.where = parse_expression(in_);
        } else if (in_.accept("overlap")) {
            overlap(rule);
        } else if (in_.accept("skip")) {
            skip(rule, skip_step);
        } else if (in_.accept("emit")) {
            rule.early = in_.name() == "early";
        } else if (in_.accept("lateness")) {
            rule.lateness_us = in_.duration();
        } else if (in_.accept("throttle")) {
            in_.fail("the reference does not throttle");
        } else if (in_.accept("return")) {
            do {
                const std::string name = in_.name();
                in_.expect("=");
                rule.returns.emplace_back(name, parse_expression(in_));
            } while (in_.accept(","));
        } else if (in_.accept("alert")) {
            in_.string();
        } else {
            return false;
        }
        return true;
    }

    void rule() {
        Rule rule;
        rule.name = in_.name();
        if (in_.peek().kind == Token::Kind::kString) {
            in_.next();
        }
        std::vector<std::string> step_streams;
        PatternParser patterns(in_, rule, step_streams);
        std::string skip_step;
        while (clause(rule, patterns, skip_step)) {
        }
        if (!rule.when && !rule.window) {
            in_.fail("a rule needs when or window");
        }
        if (!skip_step.empty()) {
            const auto found = std::find(rule.steps.begin(), rule.steps.end(), skip_step);
            if (found == rule.steps.end()) {
                in_.fail("skip to an unknown step");
            }
            rule.skip_step = static_cast<int>(found - rule.steps.begin());
        }
        program_.rules.push_back(std::move(rule));
        step_streams_.push_back(std::move(step_streams));
    }

    int stream_number(const std::string& name) const {
        const int number = program_.stream(name);
        if (number < 0) {
            throw std::runtime_error("unknown stream " + name);
        }
        return number;
    }

    void resolve(Rule& rule, const std::vector<std::string>& step_streams) const {
        std::set<int> used;
        const auto resolve_event = [&](EventSpec& spec) {
            spec.stream = stream_number(spec.stream_name);
            used.insert(spec.stream);
        };
        const std::function<void(Node&)> walk = [&](Node& node) {
            if (node.kind == Node::Kind::kStep || node.kind == Node::Kind::kNot) {
                resolve_event(node.event);
            }
            if (node.until) {
                resolve_event(*node.until);
            }
            for (const NodePtr& part : node.parts) {
                walk(*part);
            }
        };
        if (rule.when) {
            walk(*rule.when);
        }
        if (rule.window) {
            resolve_event(rule.window->event);
        }
        rule.streams.assign(used.begin(), used.end());
        for (Lookup& lookup : rule.lookups) {
            lookup.stream = stream_number(lookup.table);
            used.insert(lookup.stream);
        }
        rule.clock_streams.assign(used.begin(), used.end());
        for (const std::string& name : step_streams) {
            rule.step_streams.push_back(stream_number(name));
        }
    }

    TokenReader in_;
    ProgramTree program_;
    std::vector<std::vector<std::string>> step_streams_;
};

}  // namespace

ProgramTree parse_program(std::string_view text) { return FileParser(text).file(); }

}  // namespace reference
