#include "contents.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "text_form.hpp"

namespace tocsin::matcher {

using event::Value;
using plan::ExprId;
using plan::Op;

namespace {

template <class Node>
const Node* node(const plan::Program& program, ExprId id) {
    return std::get_if<Node>(&program.pool[id].node);
}

Value right_side(const plan::Program& program, const plan::Apply& apply) {
    return node<plan::Constant>(program, apply.arguments[1])->view();
}

/// Puts the bound of `subject < constant` or its like on a range.
void narrow(const plan::Program& program, const plan::Apply& apply, Range& range) {
    const bool low = apply.op == Op::greater || apply.op == Op::greater_equal;
    const Bound bound{right_side(program, apply), apply.op == Op::less_equal || apply.op == Op::greater_equal};
    Bound& old = low ? range.low : range.high;
    const auto order = event::compare(bound.value, old.value);
    const bool tighter = order && (low ? *order > 0 : *order < 0);
    if (!order || tighter || (*order == 0 && !bound.inclusive)) {
        old = bound;
    }
}

/// All texts that begin with `start`, in the order of their bytes: up to the first that is greater than each of them.
Range texts_from(std::string_view start, Scratch& made) {
    Range range{{Value::of_string(start), true}, {}};
    const auto last = start.find_last_not_of('\xff');
    if (last != std::string_view::npos) {
        std::string next(start.substr(0, last + 1));
        next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1);
        range.high.value = Value::of_string(made.keep(std::move(next)));
    }
    return range;
}

Range addresses_of(const event::Network& network) {
    event::Ip first = network.base;
    event::Ip last = network.base;
    for (unsigned i = 0; i < first.bytes.size(); ++i) {
        const unsigned kept = std::min(8U, network.prefix_bits > 8 * i ? network.prefix_bits - 8 * i : 0U);
        const auto free = static_cast<std::uint8_t>(0xffU >> kept);
        first.bytes[i] = static_cast<std::uint8_t>(first.bytes[i] & ~free);
        last.bytes[i] = static_cast<std::uint8_t>(last.bytes[i] | free);
    }
    return {{Value::of_ip(first), true}, {Value::of_ip(last), true}};
}

/// Networks lie within each other or apart: the outer ones are left.
std::vector<Range> addresses_of(const plan::List& list) {
    std::vector<Range> all;
    for (const plan::Constant& constant : list.values) {
        all.push_back({{constant.view(), true}, {constant.view(), true}});
    }
    for (const event::Network& network : list.networks) {
        all.push_back(addresses_of(network));
    }
    std::ranges::sort(all, [](const Range& a, const Range& b) {
        return std::pair(a.low.value.as_ip(), b.high.value.as_ip()) < std::pair(b.low.value.as_ip(), a.high.value.as_ip());
    });
    std::vector<Range> outer;
    for (const Range& range : all) {
        if (outer.empty() || outer.back().high.value.as_ip() < range.low.value.as_ip()) {
            outer.push_back(range);
        }
    }
    return outer;
}

}  // namespace

std::vector<Value> values_of(const plan::Program& program, const Door& door) {
    const ExprId id = door.parts.front();
    std::vector<Value> values;
    if (const auto* in = node<plan::InList>(program, id)) {
        for (const plan::Constant& constant : program.pool[in->list].values) {
            values.push_back(constant.view());
        }
    } else if (const auto* apply = node<plan::Apply>(program, id)) {
        values.push_back(right_side(program, *apply));
    } else {
        values.push_back(Value::of_bool(true));
    }
    return values;
}

std::vector<Range> ranges_of(const plan::Program& program, const Door& door, Scratch& made) {
    const ExprId id = door.parts.front();
    if (const auto* in = node<plan::InList>(program, id)) {
        return addresses_of(program.pool[in->list]);
    }
    const auto& apply = *node<plan::Apply>(program, id);
    if (apply.op == Op::like || apply.op == Op::starts_with) {
        const auto form = text_form(apply.op, right_side(program, apply).as_string());
        return {texts_from(form->literal, made)};
    }
    Range range;
    for (const ExprId part : door.parts) {
        narrow(program, *node<plan::Apply>(program, part), range);
    }
    return {range};
}

std::variant<Literal, Regex> pattern_of(const plan::Program& program, const Door& door) {
    const ExprId id = door.parts.front();
    if (const auto* matches = node<plan::Matches>(program, id)) {
        return Regex{program.pool[matches->regex]};
    }
    const auto& apply = *node<plan::Apply>(program, id);
    const auto form = text_form(apply.op, right_side(program, apply).as_string());
    return Literal{form->literal, form->at == TextForm::At::end};
}

}  // namespace tocsin::matcher
