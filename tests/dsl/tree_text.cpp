#include "tree_text.hpp"

#include <array>
#include <sstream>
#include <string_view>

namespace tocsin::test {

namespace {

using namespace dsl;

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

constexpr std::array<std::string_view, 15> kBinary{
    "or", "and", "=", "!=", "<", "<=", ">", ">=", "like", "matches", "+", "-", "*", "/", "%"};
constexpr std::array<std::string_view, 3> kArrows{"->", "=>", "~>"};

std::string text(const Path& path) {
    std::string out;
    for (const std::string& part : path.parts) {
        out += (out.empty() ? "" : ".") + part;
    }
    return out;
}

class Writer {
public:
    explicit Writer(const File& file) : file_(file) {}

    std::string take() { return out_.str(); }

    void write(ExprId id) {
        const Expr& expr = file_[id];
        out_ << (expr.parenthesised ? "()" : "");
        std::visit([this](const auto& node) { write(node); }, expr.node);
    }
    void write(PatternId id) {
        std::visit([this](const auto& node) { write(node); }, file_[id].node);
    }
    void write(const Declaration& declaration) {
        std::visit([this](const auto& d) { write(d); }, declaration);
        out_ << '\n';
    }

private:
    void write(const Literal& literal) {
        std::visit(Overloaded{
                       [this](Null) { out_ << "null"; },
                       [this](bool value) { out_ << (value ? "true" : "false"); },
                       [this](std::int64_t value) { out_ << value; },
                       [this](double value) { out_ << "float:" << std::hexfloat << value << std::defaultfloat; },
                       [this](const std::string& value) { out_ << '"' << value << '"'; },
                       [this](Duration value) { out_ << value.count() << "us"; },
                   },
                   literal.value);
    }
    void write(const PathExpr& path) { out_ << text(path.path); }
    void write(const Unary& unary) {
        out_ << (unary.op == UnaryOp::negate ? "[- " : "[not ");
        write(unary.operand);
        out_ << ']';
    }
    void write(const Binary& binary) {
        out_ << '[';
        write(binary.left);
        out_ << ' ' << kBinary[static_cast<std::size_t>(binary.op)] << ' ';
        write(binary.right);
        out_ << ']';
    }
    void write(const Call& call) {
        out_ << call.function.text << (call.approximate ? "~" : "");
        list(call.arguments);
    }
    void write(const Member& member) {
        write(member.base);
        out_ << '.' << text(member.path);
    }
    void write(const In& in) {
        out_ << '[';
        write(in.value);
        out_ << (in.negated ? " not in " : " in ");
        std::visit(Overloaded{
                       [this](const std::vector<ExprId>& items) { list(items); },
                       [this](const Name& name) { out_ << "list " << name.text; },
                       [this](ExprId id) { write(id); },
                   },
                   in.set);
        out_ << ']';
    }
    void list(const std::vector<ExprId>& items) {
        out_ << '{';
        for (const ExprId id : items) {
            out_ << ' ';
            write(id);
        }
        out_ << " }";
    }

    void write(const EventRef& event) {
        out_ << event.stream.text;
        if (event.condition) {
            out_ << '?';
            write(*event.condition);
        }
    }
    void write(const std::optional<Duration>& duration) {
        if (duration) {
            out_ << " in " << duration->count() << "us";
        }
    }
    void write(const Tail& tail) {
        if (tail.times) {
            const Times& times = *tail.times;
            out_ << " x" << times.min << ".." << (times.max ? std::to_string(*times.max) : "") << '/'
                 << static_cast<int>(times.form) << kArrows[static_cast<std::size_t>(times.between)]
                 << (times.lazy ? " lazy" : "") << (times.each ? " each" : "");
        }
        if (tail.until) {
            out_ << " until ";
            write(*tail.until);
        }
        write(tail.in);
    }
    void write(const Step& step) {
        out_ << '<' << (step.name ? step.name->text + ": " : "");
        write(step.event);
        write(step.tail);
        out_ << '>';
    }
    void write(const Group& group) {
        out_ << '(';
        write(group.body);
        out_ << ')';
        write(group.tail);
    }
    void write(const NotItem& item) {
        out_ << "<not ";
        write(item.event);
        write(item.in);
        out_ << '>';
    }
    void write(const Sequence& sequence) {
        out_ << '[';
        for (std::size_t i = 0; i < sequence.parts.size(); ++i) {
            if (i > 0) {
                out_ << ' ' << kArrows[static_cast<std::size_t>(sequence.parts[i].arrow)] << ' ';
            }
            write(sequence.parts[i].item);
        }
        out_ << ']';
    }
    void write(const Alternatives& alternatives) {
        out_ << (alternatives.kind == Alternatives::Kind::all_of ? "{and" : "{or");
        for (const PatternId id : alternatives.items) {
            out_ << ' ';
            write(id);
        }
        out_ << '}';
    }

    void line(std::string_view keyword) { out_ << "\n  " << keyword << ' '; }
    void line(std::string_view keyword, const std::optional<Duration>& duration) {
        if (duration) {
            line(keyword);
            out_ << duration->count() << "us";
        }
    }
    template <class T>
    void number(std::string_view keyword, const std::optional<Clause<T>>& clause) {
        if (clause) {
            line(keyword);
            out_ << static_cast<int>(clause->value);
        }
    }
    void line(std::string_view keyword, const std::optional<Clause<Duration>>& clause) {
        if (clause) {
            line(keyword, std::optional(clause->value));
        }
    }
    void named(std::string_view keyword, const std::vector<NamedExpr>& values) {
        for (const NamedExpr& value : values) {
            line(keyword);
            out_ << value.name.text << " := ";
            write(value.expr);
        }
    }

    void write(const StreamDecl& stream) {
        out_ << (stream.is_table ? "table " : "stream ") << stream.name.text;
        for (const Field& field : stream.fields) {
            line("field");
            out_ << text(field.path) << ": " << field.type.text;
        }
        if (stream.key) {
            line("key");
            out_ << text(*stream.key);
        }
        if (stream.time) {
            line("time");
            out_ << text(stream.time->path)
                 << (stream.time->unit ? " /" + std::to_string(static_cast<int>(*stream.time->unit)) : "");
        }
        line("slack", stream.slack);
        line("idle", stream.idle);
        if (stream.where) {
            line("where");
            write(*stream.where);
        }
        if (stream.from) {
            line("from");
            out_ << stream.from->source;
        }
    }
    void write(const ViewDecl& view) {
        out_ << "view " << view.name.text << " = " << view.left.text << (view.left_join ? " left" : "") << " join "
             << view.right.text << " on " << text(view.on_left) << " = " << text(view.on_right);
        if (view.where) {
            out_ << " where ";
            write(*view.where);
        }
    }
    void write(const ListDecl& decl) {
        out_ << "list " << decl.name.text << ' ';
        std::visit(Overloaded{
                       [this](const std::vector<ExprId>& items) { list(items); },
                       [this](const From& from) { out_ << "from " << from.source; },
                   },
                   decl.items);
    }
    void write(const DefineDecl& define) {
        out_ << "define " << define.name.text << " := ";
        write(define.expr);
    }
    void write(const RuleDecl& rule) {
        out_ << "rule " << rule.name.text << (rule.title ? " \"" + *rule.title + "\"" : "");
        number("severity", rule.severity);
        for (const Label& label : rule.labels) {
            line("label");
            out_ << label.name.text << " := ";
            write(label.value);
        }
        number("mode", rule.mode);
        for (const Lookup& lookup : rule.lookups) {
            line("lookup");
            out_ << lookup.table.text << " as " << lookup.as.text << " on " << text(lookup.on) << " = ";
            write(lookup.equals);
        }
        if (rule.when) {
            line("when");
            write(rule.when->value);
        }
        if (rule.window) {
            window(*rule.window);
        }
        for (const KeyPart& key : rule.by) {
            line("by");
            out_ << text(key.path);
            for (const KeyPart::Other& other : key.others) {
                out_ << " = " << other.stream.text << ": " << text(other.path);
            }
        }
        line("within", rule.within);
        named("let", rule.lets);
        if (rule.where) {
            line("where");
            write(rule.where->value);
        }
        number("overlap", rule.overlap);
        if (rule.skip) {
            line("skip");
            out_ << static_cast<int>(rule.skip->kind) << (rule.skip->step ? " " + rule.skip->step->text : "");
        }
        number("emit", rule.emit);
        line("lateness", rule.lateness);
        if (rule.throttle) {
            line("throttle", std::optional(rule.throttle->duration));
            for (const Name& name : rule.throttle->per) {
                out_ << " per " << name.text;
            }
        }
        named("return", rule.returns);
        if (rule.alert) {
            alert(*rule.alert);
        }
    }
    void window(const Window& window) {
        line("window");
        out_ << static_cast<int>(window.kind) << ' ' << window.size.count() << "us";
        line("  every", window.every);
        line("  for", window.keep);
        line("  on");
        write(window.on);
    }
    void alert(const AlertText& alert) {
        line("alert");
        for (const auto& piece : alert.pieces) {
            std::visit(Overloaded{
                           [this](const std::string& value) { out_ << '"' << value << '"'; },
                           [this](ExprId id) {
                               out_ << '{';
                               write(id);
                               out_ << '}';
                           },
                       },
                       piece);
        }
    }

    void assignments(const std::vector<Assignment>& fields) {
        for (const Assignment& field : fields) {
            out_ << ' ' << text(field.path) << '=';
            write(field.value);
        }
    }
    void write(const TestDecl& test) {
        out_ << "test \"" << test.title << "\" for " << test.rule.text;
        for (const auto& any : test.lines) {
            std::visit(Overloaded{
                           [this](const TestRow& row) {
                               line("row");
                               out_ << row.time.time.micros() << ' ' << row.stream.text;
                               assignments(row.fields);
                           },
                           [this](const TestIdle& idle) {
                               line("idle");
                               out_ << idle.stream.text;
                           },
                           [this](const TestWatermark& watermark) {
                               line("watermark");
                               out_ << watermark.stream.text << ' ' << watermark.time.time.micros();
                           },
                           [this](const TestExpect& expect) {
                               line("expect");
                               out_ << static_cast<int>(expect.kind);
                               assignments(expect.fields);
                               out_ << (expect.at ? " at " + std::to_string(expect.at->time.micros()) : "");
                           },
                       },
                       any);
        }
    }

    const File& file_;
    std::ostringstream out_;
};

}  // namespace

std::string tree_text(const File& file) {
    Writer writer(file);
    for (const Declaration& declaration : file.declarations) {
        writer.write(declaration);
    }
    return writer.take();
}

std::string tree_text(const File& file, ExprId expr) {
    Writer writer(file);
    writer.write(expr);
    return writer.take();
}

std::string tree_text(const File& file, PatternId pattern) {
    Writer writer(file);
    writer.write(pattern);
    return writer.take();
}

}  // namespace tocsin::test
