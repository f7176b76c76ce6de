#pragma once

#include <string>

#include <tocsin/dsl/tree.hpp>

#include "builder.hpp"
#include "token.hpp"

/// The functions that the grammar's files give each other. Each reads one thing at `first` and moves behind it, or
/// returns false and leaves `first`. After the thing has begun, what is wrong throws SyntaxError or Spirit's
/// expectation_failure. No Spirit in this header.
namespace tocsin::dsl::grammar {

bool read_name(Cursor& first, Cursor last, Builder& builder, Name& out);
bool read_path(Cursor& first, Cursor last, Builder& builder, Path& out);
bool read_string(Cursor& first, Cursor last, Builder& builder, std::string& out);
bool read_duration(Cursor& first, Cursor last, Builder& builder, Duration& out);
/// STRING INT FLOAT DUR true false null, numbers and durations with a minus.
bool read_literal(Cursor& first, Cursor last, Builder& builder, ExprId& out);
/// The same without a minus, as an operand.
bool read_operand_literal(Cursor& first, Cursor last, Builder& builder, ExprId& out);
ExprId negated(Span minus, ExprId operand, Builder& builder);

bool read_expr(Cursor& first, Cursor last, Builder& builder, ExprId& out);
bool read_event(Cursor& first, Cursor last, Builder& builder, EventRef& out);
bool read_pattern(Cursor& first, Cursor last, Builder& builder, PatternId& out);

/// One clause; `first` is at its keyword, which must be one of the place's.
void read_rule_clause(Cursor& first, Cursor last, Builder& builder, RuleDecl& rule);
void read_stream_clause(Cursor& first, Cursor last, Builder& builder, StreamDecl& out);

/// What follows the declaration's keyword.
void read_stream_head(Cursor& first, Cursor last, Builder& builder, StreamDecl& out);
void read_view(Cursor& first, Cursor last, Builder& builder, ViewDecl& out);
void read_list(Cursor& first, Cursor last, Builder& builder, ListDecl& out);
void read_define(Cursor& first, Cursor last, Builder& builder, DefineDecl& out);
void read_test_head(Cursor& first, Cursor last, Builder& builder, TestDecl& out);

/// A row, `idle`, `watermark` or `expect`; `first` is at its first token.
void read_test_line(Cursor& first, Cursor last, Builder& builder, TestDecl& out);

}  // namespace tocsin::dsl::grammar
