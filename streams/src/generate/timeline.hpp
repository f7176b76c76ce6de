#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/streams/generate.hpp>

#include "random.hpp"
#include "record.hpp"

namespace tocsin::streams {

/// An incident whose events are not all written yet.
enum class IncidentId : std::uint32_t {};

/// Which event of which incident a record is.
struct Part {
    IncidentId incident;
    std::uint32_t position{0};
};

/// A scenario asks to be called at a time, to write one record: `what` and `who` are its own.
struct Wake {
    std::uint32_t what{0};
    std::uint32_t who{0};
};

/// Puts records into order and writes them, and the truth as incidents are complete. Holds what is due in the future and
/// the incidents that are under way, nothing else. Thread-compatible.
class Timeline {
public:
    Timeline(const GenerateSpec& spec, const TextSink& events, const TextSink& truth);

    /// A record that is due at its time, which is not before that of anything written.
    void add(Record record, std::optional<Part> part = {});
    /// A call that will write one record.
    void wake_at(EventTime time, Wake wake);
    /// What an alert of `rule` will say, once `events` records that are parts of it are written.
    [[nodiscard]] IncidentId incident(std::string_view rule, std::string key, EventTime decided, std::size_t events);

    /// How many more records may be announced.
    [[nodiscard]] std::uint64_t room() const { return announced_ < wanted_ ? wanted_ - announced_ : 0; }

    /// The time of what is due next; highest() if nothing is.
    [[nodiscard]] EventTime next_due() const;
    /// Writes what is due next, or says who is to be called. Requires: something is due.
    [[nodiscard]] std::optional<Wake> take_due();
    /// A record that `take_due` called for, or one of the background: written at once.
    void write(Record record, std::optional<Part> part = {});
    /// For a record beyond those called for.
    void announce() { ++announced_; }

    /// Writes all that is left and the end of the truth.
    [[nodiscard]] Result<GenerateReport> finish();
    [[nodiscard]] bool failed() const { return error_.has_value(); }

private:
    struct Item {
        EventTime time;  ///< due
        std::uint64_t order{0};  ///< among equal times
        std::optional<Part> part;
        std::optional<Wake> wake;
        EventTime event_time;
        std::string line;
    };
    struct Incident {
        std::string head;  ///< the truth's line up to the offsets
        std::vector<std::uint64_t> offsets;
        std::size_t missing{0};
    };

    static bool later(const Item& a, const Item& b);
    static void push(std::vector<Item>& heap, Item item);
    static Item pop(std::vector<Item>& heap);
    void hand_on(EventTime time, std::string line, std::optional<Part> part);
    void output(const Item& item);
    void complete(IncidentId id);
    void flush(std::string& buffer, const TextSink& sink, std::size_t threshold);

    const TextSink& events_;
    const TextSink& truth_;
    std::uint64_t wanted_;
    Duration disorder_;
    Random delays_;
    std::vector<Item> due_;  ///< a heap, in event time
    std::vector<Item> delayed_;  ///< a heap, by the time of writing
    std::vector<Incident> incidents_;
    std::vector<IncidentId> free_;
    std::string event_buffer_;
    std::string truth_buffer_;
    std::uint64_t announced_{0};
    std::uint64_t order_{0};
    GenerateReport report_;
    std::optional<Error> error_;
};

}  // namespace tocsin::streams
