#include <fmt/format.h>

#include "draft.hpp"
#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

using event::Type;

/// A field that looks like the event time, for the hint.
std::string time_hint(const Stream& stream) {
    for (const StreamField& field : stream.fields) {
        if (field.type == Type::time) {
            return fmt::format("add `time {}`", join_path(field.decl->path.parts));
        }
    }
    return "add a field of type time and `time FIELD`";
}

std::optional<event::ColumnSpec> time_column(Load& load, const Stream& stream) {
    const dsl::StreamDecl& decl = *stream.decl;
    if (!decl.time) {
        load.report.error("E0411", decl.name.span, fmt::format("the stream `{}` has no `time`", decl.name.text),
                          time_hint(stream));
        return std::nullopt;
    }
    const StreamField* field = stream.field(decl.time->path.parts);
    if (field == nullptr) {
        if (!stream.incomplete) {
            load.report.error("E0203", decl.time->path.span,
                              fmt::format("`{}` has no field `{}`", decl.name.text, join_path(decl.time->path.parts)),
                              did_you_mean(join_path(decl.time->path.parts), stream.field_names()));
        }
        return std::nullopt;
    }
    if (field->type != Type::time && field->type != Type::integer && field->type != Type::string) {
        load.report.error("E0312", decl.time->path.span,
                          fmt::format("the event time is a field of type time, int or string; `{}` is {}",
                                      join_path(decl.time->path.parts), a_type(field->type)),
                          {}, {{field->decl->type.span, "it is declared here"}});
        return std::nullopt;
    }
    return event::ColumnSpec{decl.time->path.parts, Type::time, decl.time->unit.value_or(TimeUnit::ms)};
}

}  // namespace

void lower_streams(Load& load) {
    for (const Stream& stream : load.symbols.streams) {
        const dsl::StreamDecl& decl = *stream.decl;
        plan::StreamPlan plan;
        plan.name = decl.name.text;
        for (const StreamField& field : stream.fields) {
            plan.fields.push_back({field.decl->path.parts, field.type});
        }
        if (const auto time = time_column(load, stream)) {
            plan.time = load.builder.column_id(*time);
            plan.time_unit = time->unit;
            plan.time_path = time->path;
        }
        plan.slack = decl.slack.value_or(Duration(0));
        plan.idle = decl.idle;
        if (decl.where) {
            Lowering lowering(load, Scope{&stream, nullptr, nullptr, nullptr, false, std::nullopt});
            plan.where = lowering.condition({stream.file, *decl.where});
        }
        if (decl.from) {
            plan.from = decl.from->source;
        }
        load.builder.program.streams.push_back(std::move(plan));
    }
}

}  // namespace tocsin::compiler
