#include <tocsin/plan/expr.hpp>

#include <type_traits>

namespace tocsin::plan {

Constant Constant::of(const event::Value& value) {
    switch (value.type()) {
        case event::Type::null: return {};
        case event::Type::boolean: return {value.as_bool()};
        case event::Type::integer: return {value.as_int()};
        case event::Type::floating: return {value.as_float()};
        case event::Type::string: return {std::string(value.as_string())};
        case event::Type::time: return {value.as_time()};
        case event::Type::duration: return {value.as_duration()};
        case event::Type::ip: return {value.as_ip()};
    }
    return {};
}

event::Value Constant::view() const {
    return std::visit(
        [](const auto& held) {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, bool>) {
                return event::Value::of_bool(held);
            } else if constexpr (std::is_same_v<Held, std::int64_t>) {
                return event::Value::of_int(held);
            } else if constexpr (std::is_same_v<Held, double>) {
                return event::Value::of_float(held);
            } else if constexpr (std::is_same_v<Held, std::string>) {
                return event::Value::of_string(held);
            } else if constexpr (std::is_same_v<Held, EventTime>) {
                return event::Value::of_time(held);
            } else if constexpr (std::is_same_v<Held, Duration>) {
                return event::Value::of_duration(held);
            } else if constexpr (std::is_same_v<Held, event::Ip>) {
                return event::Value::of_ip(held);
            } else {
                return event::Value();
            }
        },
        value);
}

std::string_view op_name(Op op) {
    switch (op) {
        case Op::logical_and: return "and";
        case Op::logical_or: return "or";
        case Op::logical_not: return "not";
        case Op::equal: return "=";
        case Op::not_equal: return "!=";
        case Op::less: return "<";
        case Op::less_equal: return "<=";
        case Op::greater: return ">";
        case Op::greater_equal: return ">=";
        case Op::is_null: return "= null";
        case Op::is_not_null: return "!= null";
        case Op::add: return "+";
        case Op::subtract:
        case Op::negate: return "-";
        case Op::multiply: return "*";
        case Op::divide: return "/";
        case Op::modulo: return "%";
        case Op::like: return "like";
        case Op::abs: return "abs";
        case Op::floor: return "floor";
        case Op::ceil: return "ceil";
        case Op::round: return "round";
        case Op::sqrt: return "sqrt";
        case Op::lower: return "lower";
        case Op::upper: return "upper";
        case Op::length: return "length";
        case Op::contains: return "contains";
        case Op::starts_with: return "starts_with";
        case Op::ends_with: return "ends_with";
        case Op::substring: return "substring";
        case Op::coalesce: return "coalesce";
        case Op::choose: return "if";
        case Op::hour: return "hour";
        case Op::weekday: return "weekday";
        case Op::date: return "date";
        case Op::km: return "km";
    }
    return "?";
}

}  // namespace tocsin::plan
