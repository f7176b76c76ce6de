#include "alert_builder.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include <tocsin/matcher/key.hpp>

namespace tocsin::engine {

using matcher::PastPool;

namespace {

std::string json_of(const event::Value& value) {
    std::string text;
    event::append_json(text, value);
    return text;
}

alerts::Op op_of(matcher::Change::Op op) {
    switch (op) {
        case matcher::Change::Op::retract: return alerts::Op::retract;
        case matcher::Change::Op::alert: return alerts::Op::alert;
        case matcher::Change::Op::correct: return alerts::Op::correct;
    }
    return alerts::Op::alert;
}

/// Length before content: no two lists of words give the same bytes.
void append_word(std::string& out, std::string_view word) {
    const fmt::format_int size(word.size());
    out.append(size.data(), size.size());
    out += ':';
    out += word;
}
/// A number as a word.
template <class Number>
void append_number(std::string& out, Number number) {
    const fmt::format_int text(number);
    append_word(out, {text.data(), text.size()});
}

}  // namespace

AlertBuilder::AlertBuilder(std::shared_ptr<const plan::Program> program, const std::vector<Input>& inputs, const Limits& limits)
    : program_(std::move(program)), inputs_(inputs), headers_(inputs.size()), limits_(limits) {}

AlertBuilder::Reader& AlertBuilder::reader(plan::StreamId stream, event::InputId input) {
    const event::Format format = inputs_[static_cast<std::size_t>(input)].format;
    const auto key = std::make_pair(stream, format);
    if (const auto found = readers_.find(key); found != readers_.end()) {
        return found->second;
    }
    const plan::StreamPlan& plan = (*program_)[stream];
    event::Projection fields;
    std::vector<std::string> names;
    for (const plan::FieldPlan& field : plan.fields) {
        names.push_back(fmt::format("{}", fmt::join(field.path, ".")));
        const bool is_time = field.path == plan.time_path;
        const auto of = plan.of_rows ? event::ColumnSpec::Of::row : event::ColumnSpec::Of::record;
        fields.push_back({field.path, field.type, is_time ? plan.time_unit : TimeUnit::ms, of});
    }
    return readers_.emplace(key, Reader{event::Decoder(format, std::move(fields), limits_), std::move(names)}).first->second;
}

alerts::AlertEvent AlertBuilder::event(plan::StreamId stream, const matcher::Position& position, std::string_view partition,
                                       std::string_view raw) {
    const Input& input = inputs_[static_cast<std::size_t>(position.input)];
    alerts::AlertEvent result;
    result.input = input.name;
    result.partition = partition;
    result.offset = position.offset;
    Reader& with = reader(stream, position.input);
    const event::Batch batch = with.decoder.decode_record(position.input, raw, headers_[static_cast<std::size_t>(position.input)]);
    if (batch.rows() == 0) {
        return result;
    }
    result.fields.reserve(with.names.size());
    for (std::size_t f = 0; f < with.names.size(); ++f) {
        const event::Value value = batch.column(event::ColumnId{static_cast<std::uint32_t>(f)}).value(0);
        if (!value.is_null()) {
            result.fields.emplace_back(with.names[f], json_of(value));
        }
    }
    return result;
}

std::uint64_t AlertBuilder::id_of(const plan::RulePlan& rule, const matcher::Decision& decision, const matcher::ShardMemory& memory,
                                  std::span<const PastPool::Taken> taken) const {
    std::string bytes;
    append_word(bytes, rule.name);
    append_word(bytes, fmt::format("{:08x}", rule.version));
    append_word(bytes, decision.key);
    const auto append_place = [&](const matcher::Position& position) {
        append_word(bytes, inputs_[static_cast<std::size_t>(position.input)].name);
        append_word(bytes, memory.partitions.name(position.partition));
        append_number(bytes, position.offset);
    };
    for (const PastPool::Taken& one : taken) {
        append_word(bytes, rule.step_names[rule.steps[static_cast<std::size_t>(one.step)].name]);
        append_place(memory.events[one.event].position);
    }
    if (decision.window) {
        append_number(bytes, decision.window->start.micros());
        append_number(bytes, decision.window->end.micros());
    }
    if (decision.window && decision.window->event) {
        append_place(*decision.window->event);
    }
    return XXH3_64bits(bytes.data(), bytes.size());
}

void AlertBuilder::add_steps(alerts::Alert& alert, const plan::RulePlan& rule, matcher::ShardMemory& memory,
                             std::span<const PastPool::Taken> taken) {
    for (std::uint32_t name = 0; name < rule.step_names.size(); ++name) {
        std::vector<PastPool::Taken> of_step;
        std::copy_if(taken.begin(), taken.end(), std::back_inserter(of_step), [&](const PastPool::Taken& one) {
            return rule.steps[static_cast<std::size_t>(one.step)].name == name;
        });
        if (of_step.empty()) {
            continue;
        }
        alerts::AlertStep step;
        step.name = rule.step_names[name];
        if (of_step.size() > limits_.events_shown_per_step) {
            const std::size_t half = limits_.events_shown_per_step / 2;
            step.omitted = of_step.size() - 2 * half;
            of_step.erase(of_step.begin() + static_cast<std::ptrdiff_t>(half), of_step.end() - static_cast<std::ptrdiff_t>(half));
        }
        for (const PastPool::Taken& one : of_step) {
            const matcher::StoredEvent& stored = memory.events[one.event];
            const plan::StreamId stream = rule.steps[static_cast<std::size_t>(one.step)].stream;
            step.events.push_back(event(stream, stored.position, memory.partitions.name(stored.position.partition), stored.raw()));
        }
        alert.steps.push_back(std::move(step));
    }
}

const plan::StreamPlan* AlertBuilder::alerts_of(plan::RuleId rule) const {
    const auto found = std::find_if(program_->streams.begin(), program_->streams.end(), [&](const plan::StreamPlan& stream) {
        return stream.made_by_rule() && stream.maker == static_cast<std::uint32_t>(rule);
    });
    return found == program_->streams.end() ? nullptr : &*found;
}

void AlertBuilder::add_values(Shown& shown, matcher::ShardMemory& memory, const matcher::Decision& decision) {
    const plan::RulePlan& rule = (*program_)[decision.rule];
    const matcher::DecisionValues values = matcher::decision_values(memory, rule, decision);
    const matcher::Scope scope = values.scope();
    alerts::Alert& alert = shown.alert;
    const plan::StreamPlan* const stream = alerts_of(decision.rule);
    shown.fields.resize(stream == nullptr ? 0 : stream->fields.size());
    // The fields of the stream of its alerts have the names of its values.
    const auto note = [&](std::string_view name, const event::Value& value) {
        for (std::size_t f = 0; f < shown.fields.size(); ++f) {
            if (fmt::format("{}", fmt::join(stream->fields[f].path, ".")) == name) {
                shown.fields[f] = plan::Constant::of(value);
            }
        }
    };
    if (stream != nullptr) {
        note(fmt::format("{}", fmt::join(stream->time_path, ".")), event::Value::of_time(decision.decided));
    }
    for (std::size_t k = 0; k < rule.key.size(); ++k) {
        alert.key.emplace_back(rule.key[k].name, json_of(values.key[k]));
        note(rule.key[k].name, values.key[k]);
    }
    // What was shown of a rule that looks into tables is known; the tables may give something else by now.
    std::size_t next = 0;
    const auto value_of = [&](auto compute) { return decision.shown ? (*decision.shown)[next++].view() : compute(); };
    for (std::size_t i = 0; i < rule.lets.size(); ++i) {
        alert.values.emplace_back(rule.lets[i].name, json_of(value_of([&] { return values.lets[i]; })));
    }
    for (const plan::NamedValue& item : rule.returns) {
        const event::Value value = value_of([&] { return memory.session.value(item.value, scope); });
        alert.values.emplace_back(item.name, json_of(value));
        note(item.name, value);
    }
    for (const auto& piece : rule.text) {
        if (const auto* text = std::get_if<std::string>(&piece)) {
            alert.text += *text;
        } else {
            event::append_text(alert.text, value_of([&] { return memory.session.value(std::get<plan::ExprId>(piece), scope); }));
        }
    }
    memory.session.release();
}

/// What an alert says of its window; a sliding one is told from others by its event.
void AlertBuilder::add_window(Shown& shown, const matcher::ShardMemory& memory, const matcher::WindowResult& window) const {
    alerts::Alert& alert = shown.alert;
    alert.first = window.start;
    alert.last = window.end;
    alert.window = alerts::AlertWindow{window.start, window.end, std::nullopt};
    if (window.event) {
        shown.events.push_back(*window.event);
        alert.window->event = alerts::AlertPlace{inputs_[static_cast<std::size_t>(window.event->input)].name,
                                                 std::string(memory.partitions.name(window.event->partition)), window.event->offset};
    }
}

Shown AlertBuilder::build(matcher::ShardMemory& memory, const matcher::Change& change) {
    const matcher::Decision& decision = change.decision;
    const plan::RulePlan& rule = (*program_)[decision.rule];
    std::vector<PastPool::Taken> taken;
    memory.pasts.list(decision.past, taken);

    Shown shown;
    shown.cause = change.cause;
    shown.rule = decision.rule;
    shown.time = decision.decided;
    shown.key = decision.key;
    for (const PastPool::Taken& one : taken) {
        shown.events.push_back(memory.events[one.event].position);
        shown.steps.push_back(rule.steps[static_cast<std::size_t>(one.step)].name);
    }
    alerts::Alert& alert = shown.alert;
    alert.op = op_of(change.op);
    alert.id = id_of(rule, decision, memory, taken);
    alert.rule = rule.name;
    alert.version = rule.version;
    alert.severity = static_cast<alerts::Severity>(rule.severity);
    alert.shadow = rule.mode == plan::Mode::shadow;
    alert.time = decision.decided;
    if (decision.window) {
        add_window(shown, memory, *decision.window);
    } else {
        alert.first = shown.events.front().time;
        alert.last = shown.events.back().time;
    }
    for (const auto& [name, value] : rule.labels) {
        alert.labels.emplace_back(name, json_of(value.view()));
    }
    add_steps(alert, rule, memory, taken);
    add_values(shown, memory, decision);
    shown.overflows = memory.session.take_overflows();
    return shown;
}

bool shown_before(const Shown& a, const Shown& b, const matcher::PartitionTable& partitions) {
    if (a.cause != b.cause) {
        return a.cause < b.cause;
    }
    if (a.rule != b.rule) {
        return a.rule < b.rule;
    }
    if (a.alert.op != b.alert.op) {
        return a.alert.op < b.alert.op;
    }
    if (a.time != b.time) {
        return a.time < b.time;
    }
    const auto left = matcher::decode_key(a.key);
    const auto right = matcher::decode_key(b.key);
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        if (const auto order = event::total_order(left[i], right[i]); order != 0) {
            return order < 0;
        }
    }
    for (std::size_t i = 0; i < std::min(a.events.size(), b.events.size()); ++i) {
        if (const auto order = compare(a.events[i], b.events[i], partitions); order != 0) {
            return order < 0;
        }
    }
    if (a.events.size() != b.events.size()) {
        return a.events.size() < b.events.size();
    }
    return a.steps < b.steps;
}

}  // namespace tocsin::engine
