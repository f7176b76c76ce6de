// Label files go through the reader and the decoders of events: what is packed, quoted or broken is the same there and here.
#include <tocsin/backtest/labels.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include <tocsin/event/decode.hpp>
#include <tocsin/streams/block_reader.hpp>
#include <tocsin/streams/input.hpp>

namespace tocsin::backtest {

namespace {

using event::Type;

constexpr std::array<std::string_view, 5> kReserved{"rule", "time", "from", "to", "amount"};
/// A field is read as each of these: what it holds is one of them.
constexpr std::array kTypes{Type::string, Type::integer, Type::floating, Type::boolean};

constexpr Duration kDay = std::chrono::hours(24);
constexpr Duration kLeast{1};

/// A moment, or all of a day.
struct Span {
    EventTime from;
    EventTime to;
};

std::optional<Span> span_of(const std::string& text) {
    std::int64_t millis = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), millis);
    if (error == std::errc() && end == text.data() + text.size()) {
        const auto moment = from_epoch(millis, TimeUnit::ms);
        return moment ? std::optional(Span{*moment, *moment}) : std::nullopt;
    }
    if (const auto day = parse_rfc3339(text + "T00:00:00Z")) {
        return Span{*day, *day + kDay - kLeast};
    }
    auto moment = parse_rfc3339(text);
    if (!moment) {
        moment = parse_rfc3339(text + "Z");
    }
    return moment ? std::optional(Span{*moment, *moment}) : std::nullopt;
}

std::vector<std::string> path_of(std::string_view name) {
    std::vector<std::string> path;
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find('.', begin), name.size());
        path.emplace_back(name.substr(begin, end - begin));
        begin = end + 1;
    }
    return path;
}

class LabelReader {
public:
    explicit LabelReader(const std::vector<std::string>& key_names) {
        for (const std::string_view name : kReserved) {
            add(std::string(name), {});
        }
        for (const std::string& name : key_names) {
            if (std::ranges::find(kReserved, name) == kReserved.end()) {
                add(name, name);
            }
            add("key." + name, name);
        }
    }

    [[nodiscard]] const event::Projection& projection() const { return projection_; }
    [[nodiscard]] bool knows(const std::string& column) const {
        return std::ranges::find(fields_, column, &Field::name) != fields_.end();
    }
    [[nodiscard]] Result<Label> label(const event::Batch& batch, std::size_t row) const;

private:
    struct Field {
        std::string name;
        std::string part;  ///< of the key; empty for a reserved one
    };
    void add(std::string name, std::string part) {
        for (const Type type : kTypes) {
            projection_.push_back({path_of(name), type, TimeUnit::ms, event::ColumnSpec::Of::record});
        }
        fields_.push_back({std::move(name), std::move(part)});
    }
    /// Empty where the record lacks it.
    [[nodiscard]] std::string text(const event::Batch& batch, std::size_t row, std::size_t field) const;
    [[nodiscard]] std::string text(const event::Batch& batch, std::size_t row, std::string_view reserved) const {
        return text(batch, row, static_cast<std::size_t>(std::ranges::find(kReserved, reserved) - kReserved.begin()));
    }

    event::Projection projection_;  ///< for each field one column a type
    std::vector<Field> fields_;
};

std::string LabelReader::text(const event::Batch& batch, std::size_t row, std::size_t field) const {
    for (std::size_t t = 0; t < kTypes.size(); ++t) {
        const event::ColumnId id{static_cast<std::uint32_t>(field * kTypes.size() + t)};
        const event::Value value = batch.column(id).value(row);
        if (!value.is_null()) {
            std::string out;
            event::append_text(out, value);
            return out;
        }
    }
    return {};
}

Result<void> read_span(Label& label, const std::string& time, const std::string& from, const std::string& to) {
    if (time.empty() == (from.empty() || to.empty()) || from.empty() != to.empty()) {
        return fail(Errc::bad_data, "a label has either `time`, or `from` and `to`");
    }
    const auto begin = span_of(time.empty() ? from : time);
    const auto end = span_of(time.empty() ? to : time);
    if (!begin || !end) {
        return fail(Errc::bad_data, fmt::format("'{}' is no time; write 2026-11-23T10:00:00Z, 2026-11-23, or Unix milliseconds",
                                                !begin ? (time.empty() ? from : time) : to));
    }
    if (end->to < begin->from) {
        return fail(Errc::bad_data, "`to` is before `from`");
    }
    label.from = begin->from;
    label.to = end->to;
    return {};
}

Result<void> read_amount(Label& label, const std::string& text) {
    if (text.empty()) {
        return {};
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), label.amount);
    // The comparison is false for what is not a number.
    if (error != std::errc() || end != text.data() + text.size() || !(label.amount >= 0) || label.amount > 1e18) {
        return fail(Errc::bad_data,
                    fmt::format("'{}' is no amount: a number of at least 0, with a point and without a currency", text));
    }
    return {};
}

Result<Label> LabelReader::label(const event::Batch& batch, std::size_t row) const {
    Label label;
    if (batch.header(row).kind != event::RecordKind::event) {
        return fail(Errc::bad_data, "a heartbeat is no label");
    }
    const std::string rule = text(batch, row, "rule");
    if (!rule.empty()) {
        label.rule = rule;
    }
    for (std::size_t f = kReserved.size(); f < fields_.size(); ++f) {
        std::string value = text(batch, row, f);
        if (!value.empty()) {
            label.key.emplace_back(fields_[f].part, std::move(value));
        }
    }
    return read_span(label, text(batch, row, "time"), text(batch, row, "from"), text(batch, row, "to"))
        .and_then([&] { return read_amount(label, text(batch, row, "amount")); })
        .map([&] { return std::move(label); });
}

Result<void> take(const event::Batch& batch, const LabelReader& reader, const std::string& path, LabelFile& file) {
    if (!batch.errors().empty()) {
        const event::RecordError& first = batch.errors().front();
        return fail(Errc::bad_data, fmt::format("{}:{}: {}", path, first.line, first.reason));
    }
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        auto label = reader.label(batch, row);
        if (!label) {
            return fail(label.error().code, fmt::format("{}:{}: {}", path, batch.header(row).line, label.error().message));
        }
        file.labels.push_back(std::move(*label));
    }
    return {};
}

}  // namespace

Result<LabelFile> read_labels(const std::string& path, const std::vector<std::string>& key_names, const Limits& limits) {
    auto blocks = streams::BlockReader::open({path, path}, {.format = std::nullopt, .limits = limits});
    if (!blocks) {
        return tl::unexpected(blocks.error());
    }
    const LabelReader reader(key_names);
    event::Decoder decoder(blocks->format(), reader.projection(), limits);
    LabelFile file;
    bool header_seen = false;
    for (;;) {
        const auto block = blocks->next();
        if (!block) {
            return tl::unexpected(block.error());
        }
        if (!*block) {
            return file;
        }
        if ((*block)->csv_header && !std::exchange(header_seen, true)) {
            std::ranges::copy_if(*(*block)->csv_header, std::back_inserter(file.ignored),
                                 [&](const std::string& column) { return !reader.knows(column); });
        }
        if (const auto taken = take(decoder.decode(event::InputId{0}, **block), reader, path, file); !taken) {
            return tl::unexpected(taken.error());
        }
    }
}

}  // namespace tocsin::backtest
