#pragma once

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
    const dsl::Field* decl;
    event::Type type;
};

/// A stream as declared, its fields typed. Fields of an unknown type are left out.
struct Stream {
    plan::StreamId id;
    const dsl::StreamDecl* decl;
    const dsl::File* file;
    std::vector<StreamField> fields;
    std::unordered_map<std::string, std::size_t> by_path;  ///< `a.x` → index into fields
    bool incomplete{false};  ///< a field was left out: its use is no error

    [[nodiscard]] const StreamField* field(const std::vector<std::string>& path) const;
    [[nodiscard]] std::vector<std::string_view> field_names() const;
    [[nodiscard]] bool is_time_field(const std::vector<std::string>& path) const;
    /// The column of a declared field.
    [[nodiscard]] event::ColumnSpec column(const StreamField& field) const;
};

enum class SymbolKind { stream, table, view, list, define, rule };
[[nodiscard]] std::string_view kind_name(SymbolKind kind);

struct Symbol {
    SymbolKind kind;
    const dsl::File* file;
    const dsl::Declaration* declaration;
    std::size_t stream{0};  ///< index into Symbols::streams, for streams
    Span span;  ///< of the name where it is declared
    bool used{false};
};

/// The one name space of all files of a load.
class Symbols {
public:
    /// Duplicates are errors, with a note at the first.
    Symbols(std::span<const dsl::File> files, Report& report);

    /// Marks the symbol as used. Null if there is none.
    Symbol* find(std::string_view name);
    [[nodiscard]] const Symbol* peek(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> names(SymbolKind kind) const;
    [[nodiscard]] const std::vector<std::pair<std::string_view, Symbol*>>& in_order() const { return order_; }

    std::vector<Stream> streams;

private:
    void declare(const dsl::File& file, const dsl::Declaration& declaration, Report& report);

    std::unordered_map<std::string_view, Symbol> table_;
    std::vector<std::pair<std::string_view, Symbol*>> order_;
};

/// What an event of a pattern names: its stream, or null after saying what is wrong.
[[nodiscard]] const Stream* find_stream(Symbols& symbols, const dsl::Name& name, Report& report);

}  // namespace tocsin::compiler
