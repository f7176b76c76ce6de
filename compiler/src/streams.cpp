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
            return fmt::format("add `time {}`", join_path(field.path));
        }
    }
    return "add a field of type time and `time FIELD`";
}

std::optional<event::ColumnSpec> time_column(Load& load, const Stream& stream) {
    const dsl::StreamDecl& decl = *stream.decl;
    const auto of = decl.is_table ? event::ColumnSpec::Of::row_time : event::ColumnSpec::Of::record;
    if (!decl.time && decl.is_table) {
        return event::ColumnSpec{{"ts_ms"}, Type::time, TimeUnit::ms, of};  // of the envelope
    }
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
                          {}, {{field->type_span, "it is declared here"}});
        return std::nullopt;
    }
    return event::ColumnSpec{decl.time->path.parts, Type::time, decl.time->unit.value_or(TimeUnit::ms), of};
}

}  // namespace

void lower_made(Load& load, const Stream& stream, std::uint32_t maker) {
    plan::StreamPlan plan;
    plan.name = stream.name;
    plan.origin = stream.origin;
    plan.maker = maker;
    for (const StreamField& field : stream.fields) {
        plan.fields.push_back({field.path, field.type});
    }
    plan.time = load.builder.column_id({stream.time_path, Type::time, stream.time_unit, event::ColumnSpec::Of::record});
    plan.time_path = stream.time_path;
    load.builder.program.streams.push_back(std::move(plan));
}

void lower_streams(Load& load) {
    for (const Stream& stream : load.symbols.streams) {
        const dsl::StreamDecl& decl = *stream.decl;
        plan::StreamPlan plan;
        plan.name = decl.name.text;
        for (const StreamField& field : stream.fields) {
            plan.fields.push_back({field.path, field.type});
        }
        if (const auto time = time_column(load, stream)) {
            plan.time = load.builder.column_id(*time);
            plan.time_unit = time->unit;
            plan.time_path = time->path;
        }
        plan.of_rows = decl.is_table;
        plan.slack = decl.slack.value_or(Duration(0));
        plan.idle = decl.idle;
        if (decl.where) {
            Scope scope;
            scope.event = &stream;
            Lowering lowering(load, scope);
            plan.where = lowering.condition({stream.file, *decl.where});
        }
        if (decl.from) {
            plan.from = decl.from->source;
        }
        load.builder.program.streams.push_back(std::move(plan));
    }
}

}  // namespace tocsin::compiler
