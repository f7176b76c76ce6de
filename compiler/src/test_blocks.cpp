#include <algorithm>

#include <fmt/format.h>

#include "draft.hpp"
#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

using event::Type;

/// Looks at the `test` blocks of one file.
class TestPass {
public:
    TestPass(Load& load, const dsl::File& file) : load_(load), file_(file) {}

    void check(const dsl::TestDecl& test) {
        const dsl::RuleDecl* rule = find_rule(test);
        for (const auto& line : test.lines) {
            if (const auto* row = std::get_if<dsl::TestRow>(&line)) {
                check_row(*row);
            } else if (const auto* idle = std::get_if<dsl::TestIdle>(&line)) {
                static_cast<void>(find_fed_stream(load_.symbols, idle->stream, load_.report));
            } else if (const auto* watermark = std::get_if<dsl::TestWatermark>(&line)) {
                static_cast<void>(find_fed_stream(load_.symbols, watermark->stream, load_.report));
            } else if (const auto* expect = std::get_if<dsl::TestExpect>(&line); expect != nullptr && rule != nullptr) {
                check_expect(*expect, *rule);
            }
        }
    }

private:
    const dsl::RuleDecl* find_rule(const dsl::TestDecl& test) {
        const Symbol* symbol = load_.symbols.peek(test.rule.text);
        if (symbol != nullptr && symbol->kind == SymbolKind::rule) {
            return &std::get<dsl::RuleDecl>(*symbol->declaration);
        }
        if (load_.symbols.unread(test.rule.text, {SymbolKind::rule}, load_.report)) {
            return nullptr;
        }
        load_.report.error("E0211", test.rule.span, fmt::format("there is no rule `{}`", test.rule.text),
                           did_you_mean(test.rule.text, load_.symbols.names(SymbolKind::rule)));
        return nullptr;
    }

    void check_row(const dsl::TestRow& row) {
        const Stream* stream = find_fed_stream(load_.symbols, row.stream, load_.report);
        for (std::size_t i = 0; stream != nullptr && i < row.fields.size(); ++i) {
            const dsl::Assignment& one = row.fields[i];
            const StreamField* field = stream->field(one.path.parts);
            if (field != nullptr) {
                check_literal(one, field->type);
            } else if (stream->decl->is_table && one.path.parts == std::vector<std::string>{"$op"}) {
                check_op(one);
            } else if (!stream->incomplete) {
                unknown(one.path, fmt::format("`{}` has no field `{}`", row.stream.text, join_path(one.path.parts)),
                        stream->field_names());
            }
        }
    }

    /// What happens to a row of a table.
    void check_op(const dsl::Assignment& one) {
        const auto value = literal_constant(file_, one.value);
        const auto* op = value ? std::get_if<std::string>(&value->value) : nullptr;
        if (op == nullptr || (*op != "insert" && *op != "update" && *op != "delete")) {
            load_.report.error("E0311", file_[one.value].span, "`$op` is \"insert\", \"update\" or \"delete\"");
        }
    }

    void check_literal(const dsl::Assignment& one, Type type) {
        const Span span = file_[one.value].span;
        const auto value = literal_constant(file_, one.value);
        const Type own = value ? type_of(*value) : Type::null;
        const bool epoch = own == Type::integer && type == Type::time;
        if (value && own != Type::null && type != Type::null && !epoch && !as_type(*value, type)) {
            load_.report.error(
                "E0311", span,
                fmt::format("`{}` is {}; {} is not one", join_path(one.path.parts), a_type(type), quoted(load_, span)));
        }
    }

    void check_expect(const dsl::TestExpect& expect, const dsl::RuleDecl& rule) {
        if (expect.kind == dsl::TestExpect::Kind::late) {
            check_late(expect);
            return;
        }
        const auto found = load_.shown.find(&rule);
        if (found == load_.shown.end()) {
            return;  // the rule has errors of its own
        }
        for (const dsl::Assignment& one : expect.fields) {
            if (const auto type = shown_type(found->second, one.path)) {
                check_literal(one, *type);
                continue;
            }
            std::vector<std::string_view> known;
            std::ranges::transform(found->second.values, std::back_inserter(known),
                                   [](const auto& value) -> std::string_view { return value.first; });
            unknown(one.path, fmt::format("an alert of `{}` shows no `{}`", rule.name.text, join_path(one.path.parts)), known);
        }
    }

    static std::optional<Type> shown_type(const Load::Shown& shown, const dsl::Path& path) {
        const auto value = std::ranges::find(shown.values, join_path(path.parts), &std::pair<std::string, Type>::first);
        if (value != shown.values.end()) {
            return value->second;
        }
        const auto step = std::ranges::find(shown.steps, path.parts.front(), &std::pair<std::string, const Stream*>::first);
        if (step == shown.steps.end() || path.parts.size() < 2) {
            return std::nullopt;
        }
        const StreamField* field = step->second->field({path.parts.begin() + 1, path.parts.end()});
        return field == nullptr ? std::nullopt : std::optional(field->type);
    }

    /// A late record shows the event's fields, and two of its own.
    void check_late(const dsl::TestExpect& expect) {
        for (const dsl::Assignment& one : expect.fields) {
            std::vector<std::string_view> known{"stream", "behind_ms"};
            bool there = std::ranges::find(known, join_path(one.path.parts)) != known.end();
            for (const Stream& stream : load_.symbols.streams) {
                there |= stream.incomplete || stream.field(one.path.parts) != nullptr;
                std::ranges::copy(stream.field_names(), std::back_inserter(known));
            }
            if (!there) {
                unknown(one.path, fmt::format("no stream has a field `{}`", join_path(one.path.parts)), known);
            }
        }
    }

    void unknown(const dsl::Path& path, std::string message, const std::vector<std::string_view>& candidates) {
        load_.report.error("E0203", path.span, std::move(message), did_you_mean(join_path(path.parts), candidates));
    }

    Load& load_;
    const dsl::File& file_;
};

}  // namespace

void check_tests(Load& load) {
    for (const dsl::File& file : load.files) {
        for (const dsl::Declaration& declaration : file.declarations) {
            if (const auto* test = std::get_if<dsl::TestDecl>(&declaration)) {
                TestPass(load, file).check(*test);
            }
        }
    }
}

}  // namespace tocsin::compiler
