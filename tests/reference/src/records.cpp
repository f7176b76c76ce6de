#include "records.hpp"

#include <algorithm>

namespace reference {
namespace {

std::shared_ptr<const Fields> read_fields(const Stream& stream, const Json& json) {
    auto fields = std::make_shared<Fields>();
    for (const Stream::Field& field : stream.fields) {
        const Json* member = json.find_path(field.path);
        if (member != nullptr) {
            (*fields)[field.path] = read_field(*member, field.type, field.path == stream.time ? stream.unit : TimeUnit::kMillis);
        }
    }
    const Json* op = json.find("$op");
    if (stream.table && op != nullptr && op->text() != nullptr && *op->text() == "delete") {
        (*fields)["$op"] = true;
    }
    return fields;
}

bool accepts(const ProgramTree& program, int number, const std::shared_ptr<const Fields>& fields) {
    Event probe;
    probe.as[number] = fields;
    static const Rule kNoRule;
    Scope scope;
    scope.program = &program;
    scope.rule = &kNoRule;
    scope.current = &probe;
    scope.current_stream = number;
    return holds(program.streams[static_cast<std::size_t>(number)].where, scope);
}

std::vector<int> streams_of(const ProgramTree& program, const Json& json, const std::string& input) {
    std::vector<int> possible;
    std::vector<int> out;
    if (const Json* named = json.find("$stream"); named != nullptr && named->text() != nullptr) {
        const int number = program.stream(*named->text());
        return number < 0 ? out : std::vector<int>{number};
    }
    for (std::size_t i = 0; i < program.streams.size(); ++i) {
        const Stream& stream = program.streams[i];
        if (stream.from.empty() || stream.from.find(input) != std::string::npos) {
            possible.push_back(static_cast<int>(i));
        }
    }
    const Json* type = json.find("type");
    for (const int number : possible) {
        const Stream& stream = program.streams[static_cast<std::size_t>(number)];
        if (stream.where != nullptr) {
            if (accepts(program, number, read_fields(stream, json))) {
                out.push_back(number);
            }
        } else if (type != nullptr && type->text() != nullptr && *type->text() == stream.name) {
            out.push_back(number);
        }
    }
    if (out.empty() && possible.size() == 1 && program.streams[static_cast<std::size_t>(possible[0])].where == nullptr) {
        out = possible;
    }
    return out;
}

std::string text_of(const Json* json, const std::string& otherwise) {
    if (json == nullptr || json->is_null()) {
        return otherwise;
    }
    if (json->text() != nullptr) {
        return *json->text();
    }
    const std::optional<std::int64_t> number = json->integer();
    return number ? std::to_string(*number) : otherwise;
}

void read_control(const ProgramTree& program, const Json& body, Arrival& arrival) {
    arrival.stream = program.stream(text_of(body.find("stream"), ""));
    arrival.partition = text_of(body.find("partition"), "0");
    if (arrival.stream < 0) {
        arrival.kind = Arrival::Kind::kOther;
        return;
    }
    if (const Json* ts = body.find("ts")) {
        const Value time = read_field(*ts, Type::kTime, program.streams[static_cast<std::size_t>(arrival.stream)].unit);
        arrival.watermark = is_null(time) ? 0 : std::get<Time>(time).us;
    }
}

void read_event(const ProgramTree& program, const Json& json, const Record& record, Arrival& arrival) {
    arrival.kind = Arrival::Kind::kEvent;
    Event& event = arrival.event;
    event.input = arrival.input;
    event.input_name = record.input;
    event.partition = arrival.partition = text_of(json.find("$partition"), "0");
    const Json* offset = json.find("$offset");
    event.offset = offset == nullptr ? record.line : offset->integer().value_or(record.line);
    for (const int number : streams_of(program, json, record.input)) {
        const Stream& stream = program.streams[static_cast<std::size_t>(number)];
        const std::shared_ptr<const Fields> fields = read_fields(stream, json);
        const auto time = fields->find(stream.time);
        if (time == fields->end() || !std::holds_alternative<Time>(time->second)) {
            continue;  // without a time it has no place in any order
        }
        if (event.as.empty()) {
            event.time = std::get<Time>(time->second).us;
        }
        arrival.times[number] = std::get<Time>(time->second).us;
        event.as[number] = fields;
    }
    if (event.as.empty()) {
        arrival.kind = Arrival::Kind::kOther;
    }
}

}  // namespace

std::vector<Arrival> read_arrivals(const ProgramTree& program, std::span<const Record> records) {
    std::vector<Arrival> arrivals;
    std::vector<std::string> inputs;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const Record& record = records[i];
        auto input = std::find(inputs.begin(), inputs.end(), record.input);
        if (input == inputs.end()) {
            input = inputs.insert(inputs.end(), record.input);
        }
        Arrival arrival;
        arrival.input = static_cast<int>(input - inputs.begin());
        arrival.event.record = i;
        const std::optional<Json> json = parse_json(record.json);
        if (json) {
            if (const Json* heartbeat = json->find("$watermark")) {
                arrival.kind = Arrival::Kind::kWatermark;
                read_control(program, *heartbeat, arrival);
            } else if (const Json* idle = json->find("$idle")) {
                arrival.kind = Arrival::Kind::kIdle;
                read_control(program, *idle, arrival);
            } else {
                read_event(program, *json, record, arrival);
            }
        }
        arrivals.push_back(std::move(arrival));
    }
    return arrivals;
}

void Clocks::hear(const Arrival& arrival) {
    const std::pair<int, std::string> name(arrival.input, arrival.partition);
    if (arrival.kind == Arrival::Kind::kEvent) {
        for (const auto& [stream, time] : arrival.times) {
            Partition& partition = streams_[static_cast<std::size_t>(stream)][name];
            partition.largest = std::max(partition.largest, time);
            partition.idle = false;
        }
    } else if (arrival.kind != Arrival::Kind::kOther) {
        Partition& partition = streams_[static_cast<std::size_t>(arrival.stream)][name];
        partition.idle = arrival.kind == Arrival::Kind::kIdle;
        if (!partition.idle) {
            partition.heartbeat = std::max(partition.heartbeat, arrival.watermark);
        }
    }
}

std::optional<std::int64_t> Clocks::watermark(const Rule& rule, bool without_slack) const {
    std::optional<std::int64_t> least;
    for (const int number : rule.clock_streams) {
        const Partitions& partitions = streams_[static_cast<std::size_t>(number)];
        const std::int64_t slack = without_slack ? 0 : program_.streams[static_cast<std::size_t>(number)].slack_us;
        std::optional<std::int64_t> stream = partitions.empty() ? std::optional<std::int64_t>(kMinTime) : std::nullopt;
        for (const auto& [name, partition] : partitions) {
            if (partition.idle) {
                continue;
            }
            const std::int64_t seen = partition.largest == kMinTime ? kMinTime : partition.largest - slack;
            const std::int64_t says = std::max(seen, partition.heartbeat);
            stream = stream ? std::min(*stream, says) : says;
        }
        if (stream) {
            least = least ? std::min(*least, *stream) : *stream;
        }
    }
    return least;
}

std::optional<std::vector<Value>> key_of(const ProgramTree& program, const Rule& rule, const Event& event) {
    std::optional<std::vector<Value>> key;
    for (const int number : rule.streams) {
        if (!event.as.contains(number)) {
            continue;
        }
        std::vector<Value> own;
        for (const KeyPart& part : rule.by) {
            const auto other = part.by_stream.find(program.streams[static_cast<std::size_t>(number)].name);
            const Value& value = event.field(number, other == part.by_stream.end() ? part.name : other->second);
            if (is_null(value)) {
                return std::nullopt;
            }
            own.push_back(value);
        }
        if (key && !std::equal(key->begin(), key->end(), own.begin(), own.end(),
                               [](const Value& a, const Value& b) { return compare(a, b) == 0; })) {
            return std::nullopt;
        }
        key = std::move(own);
    }
    return key;
}

}  // namespace reference
