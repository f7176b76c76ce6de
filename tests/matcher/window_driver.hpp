#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tocsin/event/decode.hpp>
#include <tocsin/matcher/key.hpp>
#include <tocsin/matcher/window_matcher.hpp>

#include "compiler/compiled.hpp"
#include "support/test.hpp"

namespace tocsin::test {

inline const std::string kWindowStreams = "stream S(k: string, v: int, x: float, s: string, ts: time) time ts\n";

/// An event as a test writes it; `offset` is what tells it from others of its time.
struct WindowEvent {
    std::int64_t millis{0};
    std::uint64_t offset{0};
    std::string fields;     ///< JSON members: `"v":1,"x":2.5`
    std::string key{"a"};
};

/// One window rule by itself, driven by hand, and what it shows in the end: its changes added up.
class WindowDriver {
public:
    /// `rule`: the clauses. A revisable rule takes events in any order; the compiler is told so by its lateness.
    WindowDriver(const std::string& rule, bool revisable) {
        const Compiled made = compiled(kWindowStreams + "rule r\n" + rule + "\n");
        INFO(rule << "\n" << made.found);
        REQUIRE(made.program != nullptr);
        plan::Program program = *made.program;
        program.rules.front().lateness = revisable ? Duration(std::chrono::hours(1)) : Duration(0);
        program_ = std::make_shared<const plan::Program>(std::move(program));
        static_cast<void>(partitions_.intern("0"));
        auto evaluator = matcher::Evaluator::create(program_);
        REQUIRE(evaluator.has_value());
        memory_.emplace(program_, *evaluator, partitions_, std::vector<const matcher::TableSet*>(program_->rules.size()));
        matcher_.emplace(*memory_, plan::RuleId{0});
        decoder_.emplace(event::Format::ndjson, program_->projection, Limits{});
    }

    static matcher::Position position(const WindowEvent& event) {
        return {EventTime::from_millis(event.millis), event::InputId{0}, matcher::PartitionId{0}, event.offset, event.offset};
    }

    void add(const WindowEvent& event) {
        const std::string record = event.fields.empty() ? "{}" : "{" + event.fields + "}";
        const event::Batch batch = decoder_->decode(event::InputId{0}, event::make_block(record + "\n", 1));
        REQUIRE(batch.rows() == 1);
        std::vector<event::Value> kept(program_->kept_count);
        for (std::size_t c = 0; c < program_->kept_slot.size(); ++c) {
            if (program_->kept_slot[c] != plan::Program::kNotKept) {
                kept[program_->kept_slot[c]] = batch.column(event::ColumnId{static_cast<std::uint32_t>(c)}).value(0);
            }
        }
        const matcher::EventId id = memory_->events.add(position(event), record, kept);
        matcher_->on_event(key_of(event.key), id, 1);
        memory_->events.release(id);
    }

    void remove(const WindowEvent& event) { matcher_->remove(key_of(event.key), position(event)); }

    void pass(EventTime shown, EventTime settled) { matcher_->pass_time({shown, settled}); }
    void pass(std::int64_t shown_millis, std::int64_t settled_millis) {
        pass(EventTime::from_millis(shown_millis), EventTime::from_millis(settled_millis));
    }
    void end() { pass(EventTime::highest(), EventTime::highest()); }

    /// The changes since it was last asked, as `alert a [0,60000) n=3`.
    std::vector<std::string> changes() {
        std::vector<std::string> lines;
        for (const matcher::Change& change : matcher_->changes()) {
            const std::string id = identity(change.decision);
            const std::string values = content(change.decision);
            const auto shown = shown_.find(id);
            switch (change.op) {
                case matcher::Change::Op::alert:
                    CHECK(shown == shown_.end());
                    shown_[id] = values;
                    break;
                case matcher::Change::Op::retract:
                    REQUIRE(shown != shown_.end());
                    CHECK(shown->second == values);
                    shown_.erase(shown);
                    break;
                case matcher::Change::Op::correct:
                    REQUIRE(shown != shown_.end());
                    CHECK(shown->second != values);
                    shown->second = values;
                    break;
            }
            static constexpr const char* kOps[] = {"retract ", "alert ", "correct "};
            lines.push_back(kOps[static_cast<std::size_t>(change.op)] + id + values);
            decided_[id] = change.decision.decided;
        }
        matcher_->changes().clear();
        return lines;
    }

    /// All that is shown, by identity.
    std::map<std::string, std::string> shown() {
        static_cast<void>(changes());
        return shown_;
    }
    [[nodiscard]] EventTime decided(const std::string& id) const { return decided_.at(id); }
    [[nodiscard]] const matcher::WindowMatcher& matcher() const { return *matcher_; }

private:
    static std::string key_of(const std::string& text) {
        std::string key;
        const event::Value part = event::Value::of_string(text);
        matcher::encode_key(key, {&part, 1});
        return key;
    }
    static std::string identity(const matcher::Decision& decision) {
        const matcher::WindowResult& window = *decision.window;
        std::string id(matcher::decode_key(decision.key).front().as_string());
        id += fmt::format(" [{},{})", window.start.micros() / 1000, window.end.micros() / 1000);
        return window.event ? id + fmt::format(" #{}", window.event->offset) : id;
    }
    std::string content(const matcher::Decision& decision) {
        const plan::RulePlan& rule = program_->rules.front();
        const matcher::DecisionValues values = matcher::decision_values(*memory_, rule, decision);
        std::string out = fmt::format(" at {}", decision.decided.micros() / 1000);
        const auto add = [&](const plan::NamedValue& item, const event::Value& value) {
            out += " " + item.name + "=";
            event::append_json(out, value);
        };
        for (std::size_t i = 0; i < rule.lets.size(); ++i) {
            add(rule.lets[i], values.lets[i]);
        }
        for (const plan::NamedValue& item : rule.returns) {
            add(item, memory_->session.value(item.value, values.scope()));
        }
        memory_->session.release();
        return out;
    }

    std::shared_ptr<const plan::Program> program_;
    matcher::PartitionTable partitions_;
    std::optional<matcher::ShardMemory> memory_;
    std::optional<matcher::WindowMatcher> matcher_;
    std::optional<event::Decoder> decoder_;
    std::map<std::string, std::string> shown_;
    std::map<std::string, EventTime> decided_;
};

/// What the rule shows of the events, come in order: the meaning of the rule.
inline std::map<std::string, std::string> in_order(const std::string& rule, std::vector<WindowEvent> events) {
    std::sort(events.begin(), events.end(),
              [](const WindowEvent& a, const WindowEvent& b) { return std::tie(a.millis, a.offset) < std::tie(b.millis, b.offset); });
    WindowDriver driver(rule, false);
    for (const WindowEvent& event : events) {
        driver.add(event);
    }
    driver.end();
    return driver.shown();
}

}  // namespace tocsin::test
