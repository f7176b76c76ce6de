#include <algorithm>

#include <fmt/format.h>

#include "draft.hpp"
#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

/// Where a stream has its part of the key.
const dsl::Path& path_in(const dsl::KeyPart& part, const Stream& stream) {
    for (const dsl::KeyPart::Other& other : part.others) {
        if (other.stream.text == stream.name) {
            return other.path;
        }
    }
    return part.path;
}

void check_others(Load& load, const Draft& draft, const dsl::KeyPart& part) {
    std::vector<std::string_view> known;  // also what is no stream: that has been said
    for (const Place& place : draft.names.shape.places) {
        known.push_back(place.event->stream.text);
    }
    for (std::size_t i = 0; i < part.others.size(); ++i) {
        const dsl::Name& name = part.others[i].stream;
        if (std::ranges::find(known, name.text) == known.end()) {
            load.report.error("E0202", name.span, fmt::format("the rule sees no stream `{}`", name.text),
                              did_you_mean(name.text, known));
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (part.others[j].stream.text == name.text) {
                load.report.error("E0217", name.span, fmt::format("the key of `{}` is given twice", name.text), {},
                                  {{part.others[j].stream.span, "the first is here"}});
            }
        }
    }
}

/// The column of one part of the key in one stream.
std::optional<event::ColumnSpec> key_column(Load& load, const dsl::KeyPart& part, const Stream& stream) {
    const dsl::Path& path = path_in(part, stream);
    const std::string text = join_path(path.parts);
    const StreamField* field = stream.field(path.parts);
    if (field != nullptr) {
        return stream.column(*field);
    }
    if (!stream.incomplete) {
        const std::string_view meant = nearest(text, stream.field_names());
        const std::string& name = stream.name;
        std::string hint =
            meant.empty()
                ? fmt::format("say which field of it is the key: `by {} = {}.FIELD`", join_path(part.path.parts), name)
            : &path == &part.path ? fmt::format("did you mean `by {} = {}.{}`?", join_path(part.path.parts), name, meant)
                                  : fmt::format("did you mean `{}.{}`?", name, meant);
        load.report.error("E0218", path.span, fmt::format("the stream `{}` has no field `{}` for the key", name, text),
                          std::move(hint), {{stream.span, "the stream is declared here"}});
    }
    return std::nullopt;
}

}  // namespace

void lower_keys(Load& load, Draft& draft) {
    for (const Place& place : draft.names.shape.places) {
        if (place.stream != nullptr && std::ranges::find(draft.streams, place.stream) == draft.streams.end()) {
            draft.streams.push_back(place.stream);
            draft.plan.sources.push_back({place.stream->id, load.builder.predicate(place.stream->id, std::nullopt), {}});
        }
    }
    for (const dsl::KeyPart& part : draft.names.decl->by) {
        const std::string name = join_path(part.path.parts);
        check_others(load, draft, part);
        if (std::ranges::any_of(draft.plan.key, [&](const auto& one) { return one.name == name; })) {
            load.report.error("E0217", part.path.span, fmt::format("`{}` is twice in the key", name));
            continue;
        }
        std::optional<event::Type> type;
        bool good = !draft.streams.empty();
        std::vector<std::pair<const Stream*, event::ColumnSpec>> columns;
        for (std::size_t i = 0; i < draft.streams.size(); ++i) {
            const auto spec = key_column(load, part, *draft.streams[i]);
            if (!spec) {
                good = false;
                continue;
            }
            if (type && *type != spec->type) {
                load.report.error("E0310", path_in(part, *draft.streams[i]).span,
                                  fmt::format("the key `{}` is {} in `{}` and {} in `{}`", name, a_type(*type),
                                              draft.streams[0]->name, a_type(spec->type), draft.streams[i]->name),
                                  "a key has one type in all streams of the rule");
                good = false;
                continue;
            }
            type = spec->type;
            draft.plan.sources[i].key.push_back(load.builder.column_id(*spec));
            columns.emplace_back(draft.streams[i], *spec);
        }
        draft.plan.key.push_back({name, type.value_or(event::Type::null)});
        draft.names.keys.push_back({part.path.parts, good ? type : std::nullopt, std::move(columns)});
    }
}

}  // namespace tocsin::compiler
