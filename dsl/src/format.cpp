// Declarations as lines. What a line says is made here; where comments go and what stands between is layout.cpp's.

#include <tocsin/dsl/format.hpp>

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include <tocsin/base/time.hpp>

#include "block_writer.hpp"
#include "layout.hpp"
#include "print.hpp"

namespace tocsin::dsl {

namespace {

std::string_view print_severity(RuleSeverity severity) {
    switch (severity) {
        case RuleSeverity::info: return "info";
        case RuleSeverity::low: return "low";
        case RuleSeverity::medium: return "medium";
        case RuleSeverity::high: return "high";
        case RuleSeverity::critical: return "critical";
    }
    return "";
}

std::string_view print_mode(Mode mode) { return mode == Mode::live ? "live" : mode == Mode::shadow ? "shadow" : "off"; }

std::string_view print_overlap(Overlap overlap) {
    return overlap == Overlap::ends ? "ends" : overlap == Overlap::all ? "all" : "none";
}

std::string_view print_unit(TimeUnit unit) {
    switch (unit) {
        case TimeUnit::s: return "s";
        case TimeUnit::ms: return "ms";
        case TimeUnit::us: return "us";
        case TimeUnit::ns: return "ns";
    }
    return "";
}

std::string print_skip(const Skip& skip) {
    const std::string step = skip.step ? print_name(skip.step->text) : "";
    switch (skip.kind) {
        case Skip::Kind::past_last: return "past last";
        case Skip::Kind::to_next: return "to next";
        case Skip::Kind::to_first: return fmt::format("to first {}", step);
        case Skip::Kind::to_last: return fmt::format("to last {}", step);
    }
    return "";
}

std::string print_key(const KeyPart& key) {
    std::string out = print_path(key.path);
    for (const KeyPart::Other& other : key.others) {
        out += fmt::format(" = {}.{}", print_name(other.stream.text), print_path(other.path));
    }
    return out;
}

class Formatter {
public:
    Formatter(const File& file, const SourceMap& sources) : file_(file), sources_(sources), text_(sources.text(file.source)) {}

    std::string run() {
        std::vector<Block> blocks;
        for (const Declaration& declaration : file_.declarations) {
            blocks.push_back(std::visit([this](const auto& d) { return block_of(d); }, declaration));
        }
        return lay_out(blocks, file_.comments, text_);
    }

private:
    [[nodiscard]] std::string print(ExprId id) const { return format_expr(file_, id); }

    [[nodiscard]] std::string print(const NamedExpr& named) const {
        return fmt::format("{} = {}", print_name(named.name.text), print(named.expr));
    }

    [[nodiscard]] Block block_of(const StreamDecl& stream) const {
        BlockWriter out(file_, text_, stream.span);
        std::vector<Piece> fields;
        for (const Field& field : stream.fields) {
            fields.push_back({field.path.span.begin, field.type.span.end,
                              fmt::format("{}: {}", print_path(field.path), print_name(field.type.text))});
        }
        out.bracketed(stream.span.begin,
                      fmt::format("{} {}(", stream.is_table ? "table" : "stream", print_name(stream.name.text)), fields);
        stream_clauses(stream, out);
        return out.take();
    }

    void stream_clauses(const StreamDecl& stream, BlockWriter& out) const {
        struct StreamLine {
            std::string_view keyword;
            Span span;
            std::string text;
        };
        std::vector<StreamLine> lines;
        if (stream.key) {
            lines.push_back({"key", stream.key->span, print_path(*stream.key)});
        }
        if (stream.time) {
            std::string text = print_path(stream.time->path);
            if (stream.time->unit) {
                text += fmt::format(" {}", print_unit(*stream.time->unit));
            }
            lines.push_back({"time", stream.time->path.span, std::move(text)});
        }
        if (stream.slack) {
            lines.push_back({"slack", stream.slack_span, format_duration(*stream.slack)});
        }
        if (stream.idle) {
            lines.push_back({"idle", stream.idle_span, format_duration(*stream.idle)});
        }
        if (stream.where) {
            lines.push_back({"where", file_[*stream.where].span, print(*stream.where)});
        }
        if (stream.from) {
            lines.push_back({"from", stream.from->span, print_string(stream.from->source)});
        }
        std::size_t width = 0;
        for (const StreamLine& line : lines) {
            width = std::max(width, line.keyword.size());
        }
        for (StreamLine& line : lines) {
            out.line(line.span, BlockWriter::kIndent, fmt::format("{:<{}} {}", line.keyword, width, line.text));
        }
    }

    [[nodiscard]] Block block_of(const ViewDecl& view) const {
        BlockWriter out(file_, text_, view.span);
        out.block().compact = true;
        std::string text = fmt::format("view {} = {} {}join {} on {} = {}", print_name(view.name.text),
                                       print_name(view.left.text), view.left_join ? "left " : "", print_name(view.right.text),
                                       print_path(view.on_left), print_path(view.on_right));
        if (view.where) {
            text += fmt::format(" where {}", print(*view.where));
        }
        out.line(view.span, 0, std::move(text));
        return out.take();
    }

    [[nodiscard]] Block block_of(const ListDecl& list) const {
        BlockWriter out(file_, text_, list.span);
        out.block().compact = true;
        const std::string name = print_name(list.name.text);
        if (const auto* from = std::get_if<From>(&list.items)) {
            out.line(list.span, 0, fmt::format("list {} from {}", name, print_string(from->source)));
            return out.take();
        }
        std::vector<Piece> items;
        for (const ExprId id : std::get<std::vector<ExprId>>(list.items)) {
            items.push_back({file_[id].span.begin, file_[id].span.end, print(id)});
        }
        out.bracketed(list.span.begin, fmt::format("list {} = (", name), items);
        return out.take();
    }

    [[nodiscard]] Block block_of(const DefineDecl& define) const {
        BlockWriter out(file_, text_, define.span);
        out.block().compact = true;
        out.line(define.span, 0, fmt::format("define {} = {}", print_name(define.name.text), print(define.expr)));
        return out.take();
    }

    [[nodiscard]] Block block_of(const RuleDecl& rule) const {
        BlockWriter out(file_, text_, rule.span);
        std::string head = fmt::format("rule {}", print_name(rule.name.text));
        if (rule.title) {
            head += fmt::format(" {}", print_string(*rule.title));
        }
        out.line({rule.span.source, rule.span.begin, rule.name.span.end}, 0, std::move(head));
        describing_clauses(rule, out);
        matching_clauses(rule, out);
        emitting_clauses(rule, out);
        return out.take();
    }

    void describing_clauses(const RuleDecl& rule, BlockWriter& out) const {
        if (rule.severity) {
            out.clause("severity", rule.severity->span, std::string(print_severity(rule.severity->value)));
        }
        for (const Label& label : rule.labels) {
            out.clause("label", {label.name.span.source, label.name.span.begin, out.end_of(label.value)},
                       fmt::format("{} = {}", print_name(label.name.text), print(label.value)));
        }
        if (rule.mode) {
            out.clause("mode", rule.mode->span, std::string(print_mode(rule.mode->value)));
        }
        for (const Lookup& lookup : rule.lookups) {
            out.clause("lookup", lookup.span,
                       fmt::format("{} as {} on {} = {}", print_name(lookup.table.text), print_name(lookup.as.text),
                                   print_path(lookup.on), print(lookup.equals)));
        }
    }

    void matching_clauses(const RuleDecl& rule, BlockWriter& out) const {
        if (rule.when) {
            out.clause("when", rule.when->span.begin, parts_of(rule.when->value));
        }
        if (rule.window) {
            out.clause("window", rule.window->span, print_window(file_, *rule.window));
        }
        if (!rule.by.empty()) {
            std::vector<Piece> keys;
            for (const KeyPart& key : rule.by) {
                keys.push_back({key.span.begin, key.span.end, print_key(key) + (&key == &rule.by.back() ? "" : ",")});
            }
            out.clause("by", keys.front().begin, keys);
        }
        if (rule.within) {
            out.clause("within", rule.within->span, format_duration(rule.within->value));
        }
        for (const NamedExpr& let : rule.lets) {
            out.clause("let", {let.name.span.source, let.name.span.begin, out.end_of(let.expr)}, print(let));
        }
        if (rule.where) {
            out.clause("where", rule.where->span, print(rule.where->value));
        }
        if (rule.overlap) {
            out.clause("overlap", rule.overlap->span, std::string(print_overlap(rule.overlap->value)));
        }
        if (rule.skip) {
            out.clause("skip", rule.skip->span, print_skip(*rule.skip));
        }
    }

    void emitting_clauses(const RuleDecl& rule, BlockWriter& out) const {
        if (rule.emit) {
            out.clause("emit", rule.emit->span, rule.emit->value == Emit::final ? "final" : "early");
        }
        if (rule.lateness) {
            out.clause("lateness", rule.lateness->span, format_duration(rule.lateness->value));
        }
        if (rule.throttle) {
            std::string text = format_duration(rule.throttle->duration);
            for (const Name& name : rule.throttle->per) {
                text += fmt::format("{}{}", &name == &rule.throttle->per.front() ? " per " : ", ", print_name(name.text));
            }
            out.clause("throttle", rule.throttle->span, std::move(text));
        }
        if (!rule.returns.empty()) {
            std::vector<Piece> values;
            for (const NamedExpr& value : rule.returns) {
                values.push_back({value.name.span.begin, out.end_of(value.expr),
                                  print(value) + (&value == &rule.returns.back() ? "" : ",")});
            }
            out.clause("return", values.front().begin, values);
        }
        if (rule.alert) {
            // As written: what is inside the braces was laid out for the reader of the text.
            out.clause("alert", rule.alert->span, std::string(sources_.slice(rule.alert->span)));
        }
    }

    /// The steps between the outermost arrows.
    [[nodiscard]] std::vector<Piece> parts_of(PatternId id) const {
        const auto* sequence = std::get_if<Sequence>(&file_[id].node);
        if (sequence == nullptr) {
            return {{file_[id].span.begin, file_[id].span.end, format_pattern(file_, id)}};
        }
        std::vector<Piece> pieces;
        for (const Sequence::Part& part : sequence->parts) {
            const Span span = file_[part.item].span;
            if (pieces.empty()) {
                pieces.push_back({span.begin, span.end, format_pattern(file_, part.item)});
            } else {
                pieces.push_back({part.arrow_span.begin, span.end,
                                  fmt::format("{} {}", print_arrow(part.arrow), format_pattern(file_, part.item))});
            }
        }
        return pieces;
    }

    [[nodiscard]] Block block_of(const TestDecl& test) const {
        BlockWriter out(file_, text_, test.span);
        out.block().keeps_gaps = true;
        out.line({test.span.source, test.span.begin, test.rule.span.end}, 0,
                 fmt::format("test {} for {}", print_string(test.title), print_name(test.rule.text)));
        for (const auto& line : test.lines) {
            std::visit([&](const auto& l) { out.line(l.span, BlockWriter::kIndent, print(l)); }, line);
        }
        return out.take();
    }

    [[nodiscard]] std::string print(const std::vector<Assignment>& fields) const {
        std::string out;
        for (const Assignment& field : fields) {
            out += fmt::format(" {}={}", print_path(field.path), print(field.value));
        }
        return out;
    }

    [[nodiscard]] std::string print(const TestRow& row) const {
        return fmt::format("{} {}{}", row.time.raw, print_name(row.stream.text), print(row.fields));
    }
    [[nodiscard]] static std::string print(const TestIdle& idle) {
        return fmt::format("idle {}", print_name(idle.stream.text));
    }
    [[nodiscard]] static std::string print(const TestWatermark& watermark) {
        return fmt::format("watermark {} {}", print_name(watermark.stream.text), watermark.time.raw);
    }
    [[nodiscard]] std::string print(const TestExpect& expect) const {
        static constexpr std::array<std::string_view, 5> kKinds{"nothing", "alert", "retract", "correct", "late"};
        std::string out = fmt::format("expect {}{}", kKinds[static_cast<std::size_t>(expect.kind)], print(expect.fields));
        if (expect.at) {
            out += fmt::format(" at {}", expect.at->raw);
        }
        return out;
    }

    const File& file_;
    const SourceMap& sources_;
    std::string_view text_;
};

}  // namespace

std::string format(const File& file, const SourceMap& sources) { return Formatter(file, sources).run(); }

}  // namespace tocsin::dsl
