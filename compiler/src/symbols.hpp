#pragma once

#include <deque>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tocsin/base/source.hpp>
#include <tocsin/dsl/tree.hpp>
#include <tocsin/plan/program.hpp>

#include "report.hpp"

namespace tocsin::compiler {

/// An expression of one of the files.
struct ExprRef {
    const dsl::File* file;
    dsl::ExprId id;
    [[nodiscard]] const dsl::Expr& operator*() const { return (*file)[id]; }
};

struct StreamField {
    std::vector<std::string> path;
    event::Type type;
    Span span;  ///< of its name where it is declared
    Span type_span;
};

/// A stream as declared, its fields typed. Fields of an unknown type are left out. A table or a rule can be a stream too.
struct Stream {
    plan::StreamId id{};
    std::string name;
    Span span;  ///< of the name, where it is declared
    plan::StreamPlan::Origin origin{plan::StreamPlan::Origin::records};
    const dsl::StreamDecl* decl{nullptr};  ///< of one that is fed by records
    const dsl::File* file{nullptr};
    std::vector<std::string> time_path;  ///< empty: not said
    TimeUnit time_unit{TimeUnit::ms};
    std::vector<StreamField> fields;
    std::unordered_map<std::string, std::size_t> by_path;  ///< `a.x` → index into fields
    bool incomplete{false};  ///< a field was left out: its use is no error
    std::uint32_t version{0};  ///< of the rule whose alerts they are

    /// Null, or the field that has this path already.
    const StreamField* add(StreamField field);

    [[nodiscard]] const StreamField* field(const std::vector<std::string>& path) const;
    [[nodiscard]] std::vector<std::string_view> field_names() const;
    /// The column of a declared field.
    [[nodiscard]] event::ColumnSpec column(const StreamField& field) const;
};

/// A table or view: what a look-up finds.
struct Table {
    plan::TableId id{};
    Stream row;  ///< its name and its fields, those of a view named `A.f`
    std::size_t key{0};  ///< index into row.fields
};

enum class SymbolKind { stream, table, view, list, define, rule };
[[nodiscard]] std::string_view kind_name(SymbolKind kind);

struct Symbol {
    SymbolKind kind;
    const dsl::File* file;
    const dsl::Declaration* declaration;
    std::size_t stream{0};  ///< index into Symbols::streams: a stream's own, or the one that feeds a table
    const Table* table{nullptr};  ///< of a table or view without errors
    /// What a pattern sees by the name of a table, a view or a rule; null where it has errors or is not read.
    const Stream* events{nullptr};
    Span span{};  ///< of the name where it is declared
    bool used{false};
};

/// The one name space of all files of a load.
class Symbols {
public:
    /// Duplicates are errors, with a note at the first, also where one of them is broken.
    Symbols(std::span<const dsl::File> files, Report& report);

    /// Marks the symbol as used. Null if there is none.
    Symbol* find(std::string_view name);
    [[nodiscard]] const Symbol* peek(std::string_view name) const;
    /// Whether a name that is not found may be one of a declaration with an error of syntax, of which the kind is one of
    /// `wanted` or not known. That it is not found is then a follow-up error, and nothing to show.
    [[nodiscard]] bool unread(std::string_view name, std::initializer_list<SymbolKind> wanted, Report& report) const;
    [[nodiscard]] std::vector<std::string_view> names(SymbolKind kind) const;
    [[nodiscard]] const std::vector<std::pair<std::string_view, Symbol*>>& in_order() const { return order_; }

    /// A stream that no declaration feeds.
    Stream& add_made(std::string name, Span span);

    std::deque<Stream> streams;  ///< by plan::StreamId

private:
    struct Declared {
        SymbolKind kind;
        Span span;
    };
    struct Unread {
        std::optional<std::string_view> name;
        std::optional<SymbolKind> kind;
    };

    void declare(const dsl::File& file, const dsl::Declaration& declaration, Report& report);
    void note_broken(const dsl::BrokenDecl& broken, Report& report);
    [[nodiscard]] bool is_new(const dsl::Name& name, SymbolKind kind, Report& report);

    std::unordered_map<std::string_view, Declared> declared_;
    std::vector<Unread> unread_;
    std::unordered_map<std::string_view, Symbol> table_;
    std::vector<std::pair<std::string_view, Symbol*>> order_;
};

/// What an event of a pattern names: its stream, or null after saying what is wrong.
[[nodiscard]] const Stream* find_stream(Symbols& symbols, const dsl::Name& name, Report& report);
/// What records are for: a stream, or the rows of a table. Null after saying what is wrong.
[[nodiscard]] const Stream* find_fed_stream(Symbols& symbols, const dsl::Name& name, Report& report);

}  // namespace tocsin::compiler
