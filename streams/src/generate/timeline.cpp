#include "timeline.hpp"

#include <algorithm>
#include <utility>

namespace tocsin::streams {

namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 16;

}  // namespace

Timeline::Timeline(const GenerateSpec& spec, const TextSink& events, const TextSink& truth)
    : events_(events), truth_(truth), wanted_(spec.events), disorder_(spec.disorder), delays_(~spec.seed) {
    report_.first = EventTime::highest();
    report_.last = EventTime::lowest();
    truth_buffer_ += "{\"scenario\":";
    append_quoted(truth_buffer_, spec.scenario);
    truth_buffer_ += ",\"seed\":" + std::to_string(spec.seed) + ",\"incidents\":[";
}

bool Timeline::later(const Item& a, const Item& b) { return a.time != b.time ? a.time > b.time : a.order > b.order; }

void Timeline::push(std::vector<Item>& heap, Item item) {
    heap.push_back(std::move(item));
    std::push_heap(heap.begin(), heap.end(), later);
}

Timeline::Item Timeline::pop(std::vector<Item>& heap) {
    std::pop_heap(heap.begin(), heap.end(), later);
    Item item = std::move(heap.back());
    heap.pop_back();
    return item;
}

void Timeline::add(Record record, std::optional<Part> part) {
    const EventTime time = record.time();
    ++announced_;
    push(due_, {time, order_++, part, std::nullopt, time, std::move(record).line()});
}

void Timeline::wake_at(EventTime time, Wake wake) {
    ++announced_;
    push(due_, {time, order_++, std::nullopt, wake, time, {}});
}

IncidentId Timeline::incident(std::string_view rule, std::string key, EventTime decided, std::size_t events) {
    if (free_.empty()) {
        free_.push_back(IncidentId{static_cast<std::uint32_t>(incidents_.size())});
        incidents_.emplace_back();
    }
    const IncidentId id = free_.back();
    free_.pop_back();
    Incident& incident = incidents_[static_cast<std::size_t>(id)];
    incident.head = "{\"rule\":";
    append_quoted(incident.head, rule);
    incident.head += ",\"key\":" + std::move(key) + ",\"time\":\"" + format_rfc3339(decided) + "\",\"offsets\":[";
    incident.offsets.assign(events, 0);
    incident.missing = events;
    return id;
}

EventTime Timeline::next_due() const { return due_.empty() ? EventTime::highest() : due_.front().time; }

std::optional<Wake> Timeline::take_due() {
    Item item = pop(due_);
    if (!item.wake) {
        hand_on(item.event_time, std::move(item.line), item.part);
    }
    return item.wake;
}

void Timeline::write(Record record, std::optional<Part> part) {
    const EventTime time = record.time();
    hand_on(time, std::move(record).line(), part);
}

void Timeline::hand_on(EventTime time, std::string line, std::optional<Part> part) {
    if (disorder_ == Duration{0}) {
        output({time, 0, part, std::nullopt, time, std::move(line)});
        return;
    }
    while (!delayed_.empty() && delayed_.front().time < time) {
        output(pop(delayed_));
    }
    const Duration delay = delays_.between(Duration{0}, disorder_);
    push(delayed_, {time + delay, order_++, part, std::nullopt, time, std::move(line)});
}

void Timeline::output(const Item& item) {
    event_buffer_ += item.line;
    ++report_.events;
    report_.bytes += item.line.size();
    report_.first = std::min(report_.first, item.event_time);
    report_.last = std::max(report_.last, item.event_time);
    if (item.part) {
        Incident& incident = incidents_[static_cast<std::size_t>(item.part->incident)];
        incident.offsets[item.part->position] = report_.events;
        if (--incident.missing == 0) {
            complete(item.part->incident);
        }
    }
    flush(event_buffer_, events_, kBuffer);
}

void Timeline::complete(IncidentId id) {
    const Incident& incident = incidents_[static_cast<std::size_t>(id)];
    truth_buffer_ += report_.incidents == 0 ? "\n" : ",\n";
    truth_buffer_ += incident.head;
    for (std::size_t i = 0; i < incident.offsets.size(); ++i) {
        truth_buffer_ += (i == 0 ? "" : ",") + std::to_string(incident.offsets[i]);
    }
    truth_buffer_ += "]}";
    ++report_.incidents;
    free_.push_back(id);
    flush(truth_buffer_, truth_, kBuffer);
}

void Timeline::flush(std::string& buffer, const TextSink& sink, std::size_t threshold) {
    if (buffer.size() < threshold || error_) {
        return;
    }
    if (auto written = sink(buffer); !written) {
        error_ = std::move(written.error());
    }
    buffer.clear();
}

Result<GenerateReport> Timeline::finish() {
    while (!delayed_.empty() && !error_) {
        output(pop(delayed_));
    }
    truth_buffer_ += "\n],\"events\":" + std::to_string(report_.events) + "}\n";
    flush(event_buffer_, events_, 1);
    flush(truth_buffer_, truth_, 1);
    if (error_) {
        return tl::unexpected(*error_);
    }
    return report_;
}

}  // namespace tocsin::streams
