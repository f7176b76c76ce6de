#include "guard.hpp"

#include <boost/spirit/home/x3.hpp>

#include "builder.hpp"

namespace tocsin::dsl::grammar {

std::optional<Diagnostic> guarded(Cursor begin, Cursor& first, const std::function<void(Cursor&)>& parser) {
    try {
        parser(first);
        return std::nullopt;
    } catch (const SyntaxError& error) {
        // Go on behind what was refused, at least one token further.
        while (!first->is(TokenKind::end) && first->span.end <= error.diagnostic.span.begin) {
            ++first;
        }
        return error.diagnostic;
    } catch (const boost::spirit::x3::expectation_failure<Cursor>& failure) {
        first = failure.where();
        return explain_missing(begin, first, failure.which());
    }
}

}  // namespace tocsin::dsl::grammar
