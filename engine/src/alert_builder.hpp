#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/matcher/matcher.hpp>

namespace tocsin::engine {

/// An alert and where it stands in the output.
struct Shown {
    std::uint64_t cause{0};                         ///< the record that caused it, by arrival
    plan::RuleId rule{};
    EventTime time;
    std::string key;                                ///< encode_key
    std::vector<matcher::Position> events;
    std::vector<std::uint32_t> steps;               ///< of each event: the step written first comes first
    std::uint64_t overflows{0};                     ///< integer overflows in its values
    std::vector<plan::Constant> fields;             ///< by StreamPlan::fields, where other rules see its rule's alerts
    alerts::Alert alert;
};

/// Makes alerts of matches: reads the events' fields again from their raw bytes. One per shard; thread-compatible.
class AlertBuilder {
public:
    AlertBuilder(std::shared_ptr<const plan::Program> program, const std::vector<Input>& inputs, const Limits& limits);

    /// A CSV input's header comes with its batches. Requires: not while another thread builds.
    void learn_header(event::InputId input, std::shared_ptr<const event::CsvHeader> header) {
        headers_[static_cast<std::size_t>(input)] = std::move(header);
    }
    /// By input; null where none was learnt.
    [[nodiscard]] const std::vector<std::shared_ptr<const event::CsvHeader>>& headers() const { return headers_; }
    [[nodiscard]] Shown build(matcher::ShardMemory& memory, const matcher::Change& change);
    [[nodiscard]] alerts::AlertEvent event(plan::StreamId stream, const matcher::Position& position, std::string_view partition,
                                           std::string_view raw);

private:
    /// Reads the records of a stream once more, with all its fields.
    struct Reader {
        event::Decoder decoder;
        std::vector<std::string> names;     ///< of the fields, as alerts write them
    };
    [[nodiscard]] Reader& reader(plan::StreamId stream, event::InputId input);
    [[nodiscard]] std::uint64_t id_of(const plan::RulePlan& rule, const matcher::Decision& decision, const matcher::ShardMemory& memory,
                                      std::span<const matcher::PastPool::Taken> taken) const;
    void add_steps(alerts::Alert& alert, const plan::RulePlan& rule, matcher::ShardMemory& memory,
                   std::span<const matcher::PastPool::Taken> taken);
    void add_window(Shown& shown, const matcher::ShardMemory& memory, const matcher::WindowResult& window) const;
    void add_values(Shown& shown, matcher::ShardMemory& memory, const matcher::Decision& decision);
    [[nodiscard]] const plan::StreamPlan* alerts_of(plan::RuleId rule) const;

    std::shared_ptr<const plan::Program> program_;
    std::vector<Input> inputs_;
    std::vector<std::shared_ptr<const event::CsvHeader>> headers_;      ///< by input
    Limits limits_;
    std::map<std::pair<plan::StreamId, event::Format>, Reader> readers_;
};

/// The order of the language: the record that caused it, rule, time, key, events.
[[nodiscard]] bool shown_before(const Shown& a, const Shown& b, const matcher::PartitionTable& partitions);

}  // namespace tocsin::engine
