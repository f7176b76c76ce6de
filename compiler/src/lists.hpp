#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <tocsin/dsl/tree.hpp>
#include <tocsin/event/value.hpp>
#include <tocsin/plan/expr.hpp>

#include "symbols.hpp"

namespace tocsin::compiler {

struct Load;

/// The lines of list files, each read once. A file that cannot be read is reported once and has no lines.
class ListFiles {
public:
    const std::vector<std::string>& lines(Load& load, const dsl::From& from, SourceId named_in);

private:
    std::unordered_map<std::string, std::vector<std::string>> files_;
};

/// A literal as a constant; nothing for an expression that is none.
[[nodiscard]] std::optional<plan::Constant> literal_constant(const dsl::File& file, dsl::ExprId id);

/// `constant` as a value that a `type` can equal: strings become times and ips, integers and floats each other where they
/// are exact. Nothing if it cannot be one.
[[nodiscard]] std::optional<plan::Constant> as_type(const plan::Constant& constant, event::Type type);

/// The list that `symbol` declares, for values of `type`. Nothing after reporting why not.
[[nodiscard]] std::optional<plan::ListId> named_list(Load& load, std::string_view name, const Symbol& symbol, event::Type type,
                                                     Span use);

struct ListItem {
    plan::Constant value;
    Span span;
};
/// A list of `items` for values of `type`. Items that do not fit are reported.
[[nodiscard]] std::optional<plan::ListId> make_list(Load& load, std::string name, event::Type type,
                                                    const std::vector<ListItem>& items);

/// Loads and checks every list that no condition has used, so that its errors show.
void check_lists(Load& load);

}  // namespace tocsin::compiler
