#include <tocsin/streams/infer.hpp>

#include <map>
#include <memory>
#include <set>
#include <vector>

#include <simdjson.h>

#include "declare.hpp"
#include "profile.hpp"

namespace tocsin::streams {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMostTags = 50;
constexpr std::size_t kDeepest = 8;  // objects in objects that are flattened

/// What records say of themselves; no field of a stream.
bool is_header_name(std::string_view name) { return name.starts_with('$'); }

/// The streams of an input: all records in one, and each tag's apart.
class Sample {
public:
    /// The profiles that a record with this header adds to.
    void begin_record(const event::RecordHeader& header) {
        all_.begin_record();
        now_ = {&all_};
        partition_ = header.partition;
        if (!header.stream.empty()) {
            add_tag(streams_, header.stream);
        } else if (!header.type.empty()) {
            add_tag(types_, header.type);
        } else {
            untagged_.begin_record();
            now_.push_back(&untagged_);
        }
    }

    /// Flattens a record into paths, each read once.
    void add_object(dom::object object, const std::string& prefix, std::size_t depth) {
        for (const auto [name, value] : object) {
            if (!is_header_name(name)) {
                add_value(prefix + std::string(name), value, depth);
            }
        }
    }
    void add_text(std::string_view path, std::string_view text) {
        for_all([&](StreamProfile& profile) { profile.add_text(path, partition_, text); });
    }

    [[nodiscard]] std::string declarations(std::string_view input_name) const;
    /// All records together.
    [[nodiscard]] const StreamProfile& whole() const { return all_; }

private:
    using Tags = std::map<std::string, StreamProfile, std::less<>>;

    void add_tag(Tags& tags, std::string_view tag) {
        if (tags.size() > kMostTags && tags.find(tag) == tags.end()) {
            return;  // too many already: their number is all that counts
        }
        StreamProfile& profile = tags[std::string(tag)];
        profile.begin_record();
        now_.push_back(&profile);
    }

    template <class Add>
    void for_all(Add add) {
        for (StreamProfile* profile : now_) {
            add(*profile);
        }
    }

    void add_value(const std::string& path, dom::element value, std::size_t depth) {
        switch (value.type()) {
            case dom::element_type::NULL_VALUE: return;
            case dom::element_type::ARRAY: for_all([&](StreamProfile& p) { p.add_array(path); }); return;
            case dom::element_type::OBJECT:
                if (depth < kDeepest) {
                    add_object(value.get_object(), path + ".", depth + 1);
                }
                return;
            case dom::element_type::BOOL: for_all([&](StreamProfile& p) { p.add_bool(path); }); return;
            case dom::element_type::INT64:
                for_all([&](StreamProfile& p) { p.add_integer(path, partition_, value.get_int64()); });
                return;
            case dom::element_type::UINT64:
            case dom::element_type::DOUBLE:
                for_all([&](StreamProfile& p) { p.add_float(path, partition_, value.get_double()); });
                return;
            case dom::element_type::STRING:
                for_all([&](StreamProfile& p) { p.add_string(path, partition_, value.get_string()); });
                return;
        }
    }

    [[nodiscard]] bool types_are_tags() const {
        if (types_.empty() || types_.size() > kMostTags || untagged_.records() > 0 || !streams_.empty()) {
            return false;
        }
        for (const auto& [type, profile] : types_) {
            if (!profile.same_fields(types_.begin()->second)) {
                return true;
            }
        }
        return types_.size() == 1;
    }

    StreamProfile all_;
    Tags streams_;  ///< by `$stream`
    Tags types_;  ///< of the records without it, by `type`
    StreamProfile untagged_;  ///< of the records with neither
    std::vector<StreamProfile*> now_;
    std::string partition_;
};

/// Another name if this one is taken.
std::string unique_name(std::string name, std::set<std::string>& taken) {
    std::string candidate = name;
    for (int number = 2; !taken.insert(candidate).second; ++number) {
        candidate = name + std::to_string(number);
    }
    return candidate;
}

std::string Sample::declarations(std::string_view input_name) const {
    std::string out;
    std::set<std::string> taken;
    const auto add = [&](const StreamName& name, const StreamProfile& profile) {
        out += (out.empty() ? "" : "\n") + declare(name, profile);
    };
    if (all_.records() == 0) {
        return "# no record could be read\n";
    }
    if (streams_.empty() && !types_are_tags()) {
        add({camel_case(without_endings(input_name)), {}}, all_);
        return out;
    }
    for (const auto& [stream, profile] : streams_) {
        add({unique_name(stream, taken), {}}, profile);
    }
    for (const auto& [type, profile] : types_) {
        add({unique_name(camel_case(type), taken), type}, profile);
    }
    if (untagged_.records() > 0) {
        add({unique_name(camel_case(without_endings(input_name)), taken), {}}, untagged_);
    }
    return out;
}

/// Adds a block's records; how many.
class Sampler {
public:
    explicit Sampler(Sample& sample, const Limits& limits) : sample_(sample), limits_(limits) {}

    std::size_t add(const event::Block& block, event::Format format, std::size_t most) {
        return format == event::Format::csv ? add_csv(block, most) : add_ndjson(block, most);
    }

private:
    std::size_t add_ndjson(const event::Block& block, std::size_t most) {
        event::Decoder decoder(event::Format::ndjson, {}, limits_);
        const event::Batch batch = decoder.decode(event::InputId{0}, block);
        std::size_t added = 0;
        for (std::size_t row = 0; row < batch.rows() && added < most; ++row) {
            const event::RecordHeader& header = batch.header(row);
            dom::object object;
            if (header.kind == event::RecordKind::event &&
                parser_.parse(header.raw.data(), header.raw.size(), true).get_object().get(object) == simdjson::SUCCESS) {
                sample_.begin_record(header);
                sample_.add_object(object, "", 0);
                ++added;
            }
        }
        return added;
    }

    std::size_t add_csv(const event::Block& block, std::size_t most) {
        if (!decoder_) {
            event::Projection projection;
            for (const std::string& name : *block.csv_header) {
                projection.push_back({{name}, event::Type::string, TimeUnit::ms});
            }
            decoder_ = std::make_unique<event::Decoder>(event::Format::csv, std::move(projection), limits_);
        }
        const event::Batch batch = decoder_->decode(event::InputId{0}, block);
        const std::size_t rows = std::min(batch.rows(), most);
        for (std::size_t row = 0; row < rows; ++row) {
            sample_.begin_record(batch.header(row));
            for (std::size_t i = 0; i < block.csv_header->size(); ++i) {
                const auto& column = batch.column(event::ColumnId{static_cast<std::uint32_t>(i)});
                const std::string& name = (*block.csv_header)[i];
                if (!column.is_null(row) && !is_header_name(name)) {
                    sample_.add_text(name, column.strings()[row]);
                }
            }
        }
        return rows;
    }

    Sample& sample_;
    Limits limits_;
    dom::parser parser_;
    std::unique_ptr<event::Decoder> decoder_;
};

}  // namespace

Result<std::string> infer(const InputSpec& spec, const InferOptions& options) {
    auto reader = BlockReader::open(spec, options.reader);
    if (!reader) {
        return tl::unexpected(reader.error());
    }
    Sample sample;
    Sampler sampler(sample, options.reader.limits);
    const std::size_t most = options.max_records == 0 ? ~std::size_t{0} : options.max_records;
    for (std::size_t seen = 0; seen < most;) {
        const auto block = reader->next();
        if (!block) {
            return tl::unexpected(block.error());
        }
        if (!*block) {
            break;
        }
        seen += sampler.add(**block, reader->format(), most - seen);
    }
    return sample.declarations(spec.name);
}

InferredTimes infer_time(std::span<const event::Block> blocks, event::Format format, const Limits& limits) {
    Sample sample;
    Sampler sampler(sample, limits);
    InferredTimes found;
    for (const event::Block& block : blocks) {
        found.records += sampler.add(block, format, ~std::size_t{0});
    }
    found.time = time_of(sample.whole());
    return found;
}

}  // namespace tocsin::streams
