#include "functions.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <stdexcept>

namespace reference {
namespace {

__extension__ using Wide = __int128;

std::optional<double> real(const Value& v) {
    if (const auto* i = std::get_if<std::int64_t>(&v)) {
        return static_cast<double>(*i);
    }
    if (const auto* d = std::get_if<double>(&v)) {
        return *d;
    }
    return std::nullopt;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - ((a % b != 0) && ((a < 0) != (b < 0)) ? 1 : 0); }

Value narrow(Wide wide) {
    return wide >= INT64_MIN && wide <= INT64_MAX ? Value(static_cast<std::int64_t>(wide)) : Value();
}

Value integer_arithmetic(char op, std::int64_t a, std::int64_t b) {
    switch (op) {
        case '+': return narrow(static_cast<Wide>(a) + b);
        case '-': return narrow(static_cast<Wide>(a) - b);
        case '*': return narrow(static_cast<Wide>(a) * b);
        case '/': return b == 0 ? Value() : finite(static_cast<double>(a) / static_cast<double>(b));
        default: return b == 0 ? Value() : b == -1 ? Value(std::int64_t{0}) : Value(a % b);
    }
}

Value real_arithmetic(char op, double a, double b) {
    switch (op) {
        case '+': return finite(a + b);
        case '-': return finite(a - b);
        case '*': return finite(a * b);
        case '/': return b == 0 ? Value() : finite(a / b);
        default: return b == 0 ? Value() : finite(std::fmod(a, b));
    }
}

template <class T>
Value of_micros(const Value& micros) {
    const auto* us = std::get_if<std::int64_t>(&micros);
    return us != nullptr ? Value(T{*us}) : Value();
}

Value scaled(const Duration& d, long double factor) {
    const long double us = static_cast<long double>(d.us) * factor;
    return std::fabs(us) < 9.2e18L ? Value(Duration{static_cast<std::int64_t>(us)}) : Value();
}

std::vector<std::string> code_points(std::string_view text) {
    std::vector<std::string> points;
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) & 0xC0) == 0x80 && !points.empty()) {
            points.back().push_back(c);
        } else {
            points.emplace_back(1, c);
        }
    }
    return points;
}

bool like_points(const std::vector<std::string>& text, std::size_t i, const std::vector<std::string>& pattern, std::size_t j) {
    if (j == pattern.size()) {
        return i == text.size();
    }
    if (pattern[j] == "*") {
        return like_points(text, i, pattern, j + 1) || (i < text.size() && like_points(text, i + 1, pattern, j));
    }
    return i < text.size() && (pattern[j] == "?" || pattern[j] == text[i]) && like_points(text, i + 1, pattern, j + 1);
}

// Shewchuk, "Adaptive precision floating-point arithmetic" (1997): partial sums that do not overlap, added exactly; the
// rounding once at the end is the one of Python's math.fsum.
double exact_sum(const std::vector<double>& values) {
    std::vector<double> partials;
    for (double x : values) {
        std::size_t kept = 0;
        for (double y : partials) {
            if (std::fabs(x) < std::fabs(y)) {
                std::swap(x, y);
            }
            const double high = x + y;
            const double low = y - (high - x);
            if (low != 0) {
                partials[kept++] = low;
            }
            x = high;
        }
        partials.resize(kept);
        partials.push_back(x);
    }
    if (partials.empty()) {
        return 0;
    }
    std::size_t n = partials.size() - 1;
    double high = partials[n];
    double low = 0;
    while (n > 0) {
        const double x = high;
        const double y = partials[--n];
        high = x + y;
        low = y - (high - x);
        if (low != 0) {
            break;
        }
    }
    // Half-way cases go the way of the next partial.
    if (n > 0 && ((low < 0 && partials[n - 1] < 0) || (low > 0 && partials[n - 1] > 0))) {
        const double y = low * 2;
        const double x = high + y;
        if (y == x - high) {
            high = x;
        }
    }
    return high;
}

Value sum(const std::vector<Value>& values) {
    if (values.empty()) {
        return std::int64_t{0};
    }
    if (std::holds_alternative<Duration>(values.front())) {
        Wide total = 0;
        for (const Value& v : values) {
            total += std::get<Duration>(v).us;
        }
        return of_micros<Duration>(narrow(total));
    }
    Wide whole = 0;
    bool floats = false;
    std::vector<double> reals;
    for (const Value& v : values) {
        const std::optional<double> d = real(v);
        if (!d) {
            return {};
        }
        reals.push_back(*d);
        if (const auto* i = std::get_if<std::int64_t>(&v)) {
            whole += *i;
        } else {
            floats = true;
        }
    }
    return floats ? finite(exact_sum(reals)) : narrow(whole);
}

Value deviation(const std::vector<Value>& values) {
    std::vector<long double> reals;
    long double total = 0;
    for (const Value& v : values) {
        const std::optional<double> d = real(v);
        if (!d) {
            return {};
        }
        reals.push_back(*d);
        total += *d;
    }
    const long double mean = total / static_cast<long double>(reals.size());
    long double squares = 0;
    for (const long double x : reals) {
        squares += (x - mean) * (x - mean);
    }
    return finite(static_cast<double>(std::sqrt(squares / static_cast<long double>(reals.size()))));
}

Value average(const std::vector<Value>& values) {
    const Value total = sum(values);
    const auto n = static_cast<double>(values.size());
    if (const auto* d = std::get_if<Duration>(&total)) {
        return Duration{static_cast<std::int64_t>(static_cast<double>(d->us) / n)};
    }
    const std::optional<double> d = real(total);
    return d ? finite(*d / n) : Value();
}

Value rounded(const std::string& name, const Value& v) {
    if (const auto* d = std::get_if<double>(&v)) {
        return finite(name == "floor" ? std::floor(*d) : name == "ceil" ? std::ceil(*d) : std::round(*d));
    }
    return std::holds_alternative<std::int64_t>(v) ? v : Value();
}

Value haversine_km(const std::vector<Value>& args) {
    double v[4];
    for (std::size_t i = 0; i < 4; ++i) {
        const std::optional<double> d = real(args.at(i));
        if (!d) {
            return {};
        }
        v[i] = *d * 3.14159265358979323846 / 180;
    }
    const double a = std::pow(std::sin((v[2] - v[0]) / 2), 2) +
                     std::cos(v[0]) * std::cos(v[2]) * std::pow(std::sin((v[3] - v[1]) / 2), 2);
    return finite(2 * 6371.0088 * std::asin(std::min(1.0, std::sqrt(a))));
}

Value calendar(const std::string& name, const Value& v) {
    const auto* t = std::get_if<Time>(&v);
    if (t == nullptr) {
        return {};
    }
    const std::int64_t day = floor_div(t->us, 86'400'000'000);
    if (name == "hour") {
        return (t->us - day * 86'400'000'000) / 3'600'000'000;
    }
    if (name == "weekday") {
        return ((day + 3) % 7 + 7) % 7 + 1;  // day 0 was a Thursday
    }
    return format_time(t->us).substr(0, 10);
}

Value text_function(const std::string& name, const std::vector<Value>& args) {
    const auto* s = std::get_if<std::string>(&args.at(0));
    if (s == nullptr) {
        return {};
    }
    if (name == "lower" || name == "upper") {
        std::string out = *s;
        for (char& c : out) {
            const bool lower = c >= 'a' && c <= 'z';
            const bool upper = c >= 'A' && c <= 'Z';
            c = static_cast<char>(name == "lower" && upper ? c + 32 : name == "upper" && lower ? c - 32 : c);
        }
        return out;
    }
    if (name == "length") {
        return static_cast<std::int64_t>(code_points(*s).size());
    }
    if (name == "substring") {
        const auto* from = std::get_if<std::int64_t>(&args.at(1));
        const std::vector<std::string> points = code_points(*s);
        const auto size = static_cast<std::int64_t>(points.size());
        const std::int64_t* count = args.size() > 2 ? std::get_if<std::int64_t>(&args[2]) : &size;
        if (from == nullptr || count == nullptr) {
            return {};
        }
        std::string out;
        for (std::int64_t i = std::max<std::int64_t>(*from, 0); i < size && i - *from < *count; ++i) {
            out += points[static_cast<std::size_t>(i)];
        }
        return out;
    }
    const auto* part = std::get_if<std::string>(&args.at(1));
    if (part == nullptr) {
        return {};
    }
    if (name == "contains") {
        return s->find(*part) != std::string::npos;
    }
    return name == "starts_with" ? s->starts_with(*part) : s->ends_with(*part);
}

}  // namespace

Value arithmetic(char op, const Value& a, const Value& b) {
    if (is_null(a) || is_null(b)) {
        return {};
    }
    const auto* ia = std::get_if<std::int64_t>(&a);
    const auto* ib = std::get_if<std::int64_t>(&b);
    if (ia != nullptr && ib != nullptr) {
        return integer_arithmetic(op, *ia, *ib);
    }
    const std::optional<double> ra = real(a);
    const std::optional<double> rb = real(b);
    if (ra && rb) {
        return real_arithmetic(op, *ra, *rb);
    }
    const auto* ta = std::get_if<Time>(&a);
    const auto* tb = std::get_if<Time>(&b);
    const auto* da = std::get_if<Duration>(&a);
    const auto* db = std::get_if<Duration>(&b);
    if (ta != nullptr && tb != nullptr && op == '-') {
        return of_micros<Duration>(integer_arithmetic('-', ta->us, tb->us));
    }
    if (ta != nullptr && db != nullptr && (op == '+' || op == '-')) {
        return of_micros<Time>(integer_arithmetic(op, ta->us, db->us));
    }
    if (da != nullptr && tb != nullptr && op == '+') {
        return of_micros<Time>(integer_arithmetic(op, da->us, tb->us));
    }
    if (da != nullptr && db != nullptr) {
        if (op == '/' || op == '%') {
            return op == '/' ? integer_arithmetic('/', da->us, db->us) : of_micros<Duration>(integer_arithmetic('%', da->us, db->us));
        }
        return op == '*' ? Value() : of_micros<Duration>(integer_arithmetic(op, da->us, db->us));
    }
    if (da != nullptr && rb && (op == '*' || op == '/')) {
        return op == '/' && *rb == 0 ? Value() : scaled(*da, op == '*' ? static_cast<long double>(*rb) : 1.0L / *rb);
    }
    if (ra && db != nullptr && op == '*') {
        return scaled(*db, *ra);
    }
    return {};
}

Value negate(const Value& a) {
    if (const auto* d = std::get_if<double>(&a)) {
        return -*d;
    }
    if (const auto* t = std::get_if<Duration>(&a)) {
        return Duration{-t->us};
    }
    return arithmetic('-', Value(std::int64_t{0}), a);
}

bool like(std::string_view text, std::string_view pattern) {
    return like_points(code_points(text), 0, code_points(pattern), 0);
}

bool matches(const std::string& text, const std::string& pattern) {
    static std::map<std::string, std::regex> compiled;
    auto found = compiled.find(pattern);
    if (found == compiled.end()) {
        found = compiled.emplace(pattern, std::regex(pattern)).first;
    }
    return std::regex_search(text, found->second);
}

Value call_function(const std::string& name, const std::vector<Value>& args) {
    if (name == "coalesce") {
        for (const Value& v : args) {
            if (!is_null(v)) {
                return v;
            }
        }
        return {};
    }
    if (args.empty() || std::any_of(args.begin(), args.end(), is_null)) {
        return {};
    }
    if (name == "abs") {
        const auto* d = std::get_if<double>(&args[0]);
        const std::optional<int> sign = compare(args[0], Value(std::int64_t{0}));
        if (std::holds_alternative<Duration>(args[0])) {
            return std::get<Duration>(args[0]).us < 0 ? negate(args[0]) : args[0];
        }
        return d != nullptr ? Value(std::fabs(*d)) : sign && *sign < 0 ? negate(args[0]) : args[0];
    }
    if (name == "floor" || name == "ceil" || name == "round") {
        return rounded(name, args[0]);
    }
    if (name == "sqrt") {
        const std::optional<double> d = real(args[0]);
        return d && *d >= 0 ? Value(std::sqrt(*d)) : Value();
    }
    if (name == "hour" || name == "weekday" || name == "date") {
        return calendar(name, args[0]);
    }
    if (name == "km") {
        return haversine_km(args);
    }
    static const std::set<std::string> kText{"lower", "upper", "length", "contains", "starts_with", "ends_with", "substring"};
    if (kText.contains(name)) {
        return text_function(name, args);
    }
    throw std::runtime_error("unknown function " + name);
}

Value aggregate(const std::string& name, const std::vector<Value>& all, const Value& parameter) {
    std::vector<Value> values;
    std::copy_if(all.begin(), all.end(), std::back_inserter(values), [](const Value& v) { return !is_null(v); });
    if (name == "sum") {
        return sum(values);
    }
    if (name == "distinct") {
        std::set<std::string> seen;
        for (const Value& v : values) {
            seen.insert(to_json(v));
        }
        return values.empty() ? Value() : Value(static_cast<std::int64_t>(seen.size()));
    }
    if (values.empty()) {
        return {};
    }
    if (name == "avg") {
        return average(values);
    }
    if (name == "stddev") {
        return deviation(values);
    }
    if (name == "first" || name == "last") {
        return name == "first" ? values.front() : values.back();
    }
    std::stable_sort(values.begin(), values.end(), [](const Value& a, const Value& b) { return compare(a, b).value_or(0) < 0; });
    if (name == "min" || name == "max") {
        return name == "min" ? values.front() : values.back();
    }
    if (name == "quantile") {  // nearest rank
        const double q = real(parameter).value_or(0.5);
        const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(q * static_cast<double>(values.size()))));
        return values[std::min(rank, values.size()) - 1];
    }
    throw std::runtime_error("unknown aggregate " + name);
}

}  // namespace reference
