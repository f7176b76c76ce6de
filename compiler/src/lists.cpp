#include "lists.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <type_traits>

#include <fmt/format.h>

#include "load.hpp"
#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

using event::Type;

std::optional<std::int64_t> exact_integer(double d) {
    constexpr double kLimit = 9223372036854775808.0;
    if (std::trunc(d) != d || d < -kLimit || d >= kLimit) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(d);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

/// A line of a list file as a value; networks are left to the caller.
std::optional<plan::Constant> parse_line(std::string_view line, Type type) {
    switch (type) {
        case Type::integer:
            if (const auto number = parse_number<std::int64_t>(line)) {
                return plan::Constant{*number};
            }
            return std::nullopt;
        case Type::floating:
            if (const auto number = parse_number<double>(line); number && std::isfinite(*number)) {
                return plan::Constant{*number};
            }
            return std::nullopt;
        case Type::boolean:
            if (line == "true" || line == "false") {
                return plan::Constant{line == "true"};
            }
            return std::nullopt;
        case Type::duration:
            if (const auto duration = parse_duration(line)) {
                return plan::Constant{*duration};
            }
            return std::nullopt;
        default: return as_type(plan::Constant{std::string(line)}, type);
    }
}

Type type_of_items(const std::vector<ListItem>& items) {
    Type type = Type::null;
    for (const ListItem& item : items) {
        const Type one = type_of(item.value);
        type = type == Type::integer && one == Type::floating ? one : type == Type::null ? one : type;
    }
    return type;
}

bool belongs(const ListItem& item, Type type) {
    const Type own = type_of(item.value);
    return own != Type::null && (own == type || (own == Type::integer && type == Type::floating));
}

std::vector<ListItem> declared_items(Load& load, const dsl::File& file, const dsl::ListDecl& decl, Type type) {
    std::vector<ListItem> items;
    if (const auto* literals = std::get_if<std::vector<dsl::ExprId>>(&decl.items)) {
        for (const dsl::ExprId id : *literals) {
            if (auto constant = literal_constant(file, id)) {
                items.push_back({std::move(*constant), file[id].span});
            } else {
                load.report.error("E0308", file[id].span, "a list holds literals only");
            }
        }
        return items;
    }
    const auto& from = std::get<dsl::From>(decl.items);
    std::size_t number = 0;
    for (const std::string& line : load.list_files.lines(load, from, decl.span.source)) {
        ++number;
        if (line.empty()) {
            continue;
        }
        if (type == Type::ip || type == Type::null) {
            items.push_back({plan::Constant{line}, from.span});
        } else if (auto constant = parse_line(line, type)) {
            items.push_back({std::move(*constant), from.span});
        } else {
            load.report.error("E0308", from.span,
                              fmt::format("line {} of `{}`, \"{}\", is not a value of type {}", number, from.source, line,
                                          event::type_name(type)));
            break;
        }
    }
    return items;
}

/// With one byte more than allowed where there are more.
std::optional<std::string> text_on_disk(const std::string& path, std::size_t most_bytes) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream in(path, std::ios::binary);
    if (error || !in) {
        return std::nullopt;
    }
    std::string text(std::min<std::uintmax_t>(size, most_bytes + 1), '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

}  // namespace

const std::vector<std::string>& ListFiles::lines(Load& load, const dsl::From& from, SourceId named_in) {
    const std::filesystem::path base = std::filesystem::path(load.sources.name(named_in)).parent_path();
    const std::string path = (base / from.source).string();
    const auto [found, is_new] = files_.emplace(path, std::vector<std::string>{});
    if (!is_new) {
        return found->second;
    }
    const auto text = load.read_list ? load.read_list(path) : text_on_disk(path, load.limits.rule_file_bytes);
    if (!text) {
        load.report.error("E0212", from.span, fmt::format("cannot read the list's file `{}`", path),
                          "the path is relative to the file that names it");
        return found->second;
    }
    if (text->size() > load.limits.rule_file_bytes) {
        load.report.error("E0212", from.span,
                          fmt::format("the list's file `{}` has more than {} bytes", path, load.limits.rule_file_bytes));
        return found->second;
    }
    std::istringstream in(*text);
    std::string line;
    while (std::getline(in, line)) {
        if (found->second.empty() && line.starts_with("\xEF\xBB\xBF")) {
            line.erase(0, 3);
        }
        if (line.ends_with('\r')) {
            line.pop_back();
        }
        found->second.push_back(line);
    }
    return found->second;
}

std::optional<plan::Constant> literal_constant(const dsl::File& file, dsl::ExprId id) {
    const auto* literal = std::get_if<dsl::Literal>(&file[id].node);
    if (literal == nullptr) {
        if (const auto* unary = std::get_if<dsl::Unary>(&file[id].node);
            unary != nullptr && unary->op == dsl::UnaryOp::negate) {
            auto inner = std::holds_alternative<dsl::Literal>(file[unary->operand].node)
                             ? literal_constant(file, unary->operand)
                             : std::nullopt;
            if (inner && std::holds_alternative<std::int64_t>(inner->value)) {
                return plan::Constant{-std::get<std::int64_t>(inner->value)};
            }
            if (inner && std::holds_alternative<double>(inner->value)) {
                return plan::Constant{-std::get<double>(inner->value)};
            }
            if (inner && std::holds_alternative<Duration>(inner->value)) {
                return plan::Constant{-std::get<Duration>(inner->value)};
            }
        }
        return std::nullopt;
    }
    return std::visit(
        [](const auto& held) {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, dsl::Null>) {
                return plan::Constant{};
            } else {
                return plan::Constant{held};
            }
        },
        literal->value);
}

std::optional<plan::Constant> as_type(const plan::Constant& constant, Type type) {
    const Type own = type_of(constant);
    if (own == type) {
        return constant;
    }
    if (own == Type::string) {
        const std::string& text = std::get<std::string>(constant.value);
        if (type == Type::time) {
            if (const auto time = parse_rfc3339(text)) {
                return plan::Constant{*time};
            }
        } else if (type == Type::ip) {
            if (const auto ip = event::parse_ip(text)) {
                return plan::Constant{*ip};
            }
        }
    } else if (own == Type::integer && type == Type::floating) {
        const std::int64_t number = std::get<std::int64_t>(constant.value);
        if (exact_integer(static_cast<double>(number)) == number) {
            return plan::Constant{static_cast<double>(number)};
        }
    } else if (own == Type::floating && type == Type::integer) {
        if (const auto number = exact_integer(std::get<double>(constant.value))) {
            return plan::Constant{*number};
        }
    }
    return std::nullopt;
}

std::optional<plan::ListId> make_list(Load& load, std::string name, Type type, const std::vector<ListItem>& items) {
    plan::List list{std::move(name), type, {}, {}};
    const std::size_t errors = load.report.errors();
    for (const ListItem& item : items) {
        const Type own = type_of(item.value);
        if (own == Type::null) {
            load.report.error("E0308", item.span, "null is in no list", "`x = null` asks for null");
        } else if (type == Type::ip && own == Type::string) {
            const std::string& text = std::get<std::string>(item.value.value);
            if (const auto network = event::parse_network(text)) {
                list.networks.push_back(*network);
            } else {
                load.report.error("E0308", item.span, fmt::format("\"{}\" is neither an address nor a network", text));
            }
        } else if (auto value = as_type(item.value, type)) {
            list.values.push_back(std::move(*value));
        } else if ((own == Type::floating && type == Type::integer) || (own == Type::integer && type == Type::floating)) {
            load.report.warning("W0606", item.span, fmt::format("no {} equals this number", event::type_name(type)));
        } else {
            load.report.error("E0308", item.span,
                              fmt::format("a list for values of type {} cannot hold {}", event::type_name(type), a_type(own)));
        }
    }
    if (load.report.errors() != errors) {
        return std::nullopt;
    }
    return load.builder.list(std::move(list));
}

std::optional<plan::ListId> named_list(Load& load, std::string_view name, const Symbol& symbol, Type type, Span use) {
    const auto& decl = std::get<dsl::ListDecl>(*symbol.declaration);
    const std::vector<ListItem> items = declared_items(load, *symbol.file, decl, type);
    const Type items_type = type_of_items(items);
    if (!std::ranges::all_of(items, [&](const ListItem& item) { return belongs(item, items_type); })) {
        return std::nullopt;  // check_lists says what is wrong with it
    }
    const bool numbers =
        (items_type == Type::integer || items_type == Type::floating) && (type == Type::integer || type == Type::floating);
    const bool texts = items_type == Type::string && (type == Type::time || type == Type::ip);
    if (items_type != Type::null && items_type != type && !numbers && !texts) {
        load.report.error("E0308", use,
                          fmt::format("the list `{}` holds values of type {}, not {}", name, event::type_name(items_type),
                                      event::type_name(type)),
                          {}, {{symbol.span, "it is declared here"}});
        return std::nullopt;
    }
    return make_list(load, std::string(name), type, items);
}

void check_lists(Load& load) {
    for (const auto& [name, symbol] : load.symbols.in_order()) {
        if (symbol->kind != SymbolKind::list) {
            continue;
        }
        const auto& decl = std::get<dsl::ListDecl>(*symbol->declaration);
        const std::vector<ListItem> items = declared_items(load, *symbol->file, decl, Type::null);
        const Type type = type_of_items(items);
        for (const ListItem& item : items) {
            if (type_of(item.value) == Type::null) {
                load.report.error("E0308", item.span, "null is in no list", "`x = null` asks for null");
            } else if (!belongs(item, type)) {
                load.report.error("E0308", item.span,
                                  fmt::format("`{}` holds values of type {}; this is {}", name, event::type_name(type),
                                              a_type(type_of(item.value))));
            }
        }
    }
}

}  // namespace tocsin::compiler
