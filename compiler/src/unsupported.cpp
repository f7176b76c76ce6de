#include <fmt/format.h>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

void refuse(Load& load, const char* code, Span span, std::string_view what, std::string hint = {}) {
    load.report.error(code, span, fmt::format("not supported yet: {}", what), std::move(hint));
}

void refuse_in_rule(Load& load, const dsl::RuleDecl& rule) {
    if (rule.window && !rule.when) {
        refuse(load, "E0501", rule.window->span, "`window` rules");
    }
}

}  // namespace

void refuse_unsupported(Load& load, const dsl::File& file) {
    for (const dsl::Declaration& declaration : file.declarations) {
        if (const auto* rule = std::get_if<dsl::RuleDecl>(&declaration)) {
            refuse_in_rule(load, *rule);
        }
    }
}

}  // namespace tocsin::compiler
