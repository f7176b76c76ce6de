#include "support/test.hpp"

#include <array>
#include <compare>
#include <limits>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include <tocsin/event/value.hpp>

using namespace tocsin;
using namespace tocsin::event;

namespace {

std::string json(const Value& value) {
    std::string out;
    append_json(out, value);
    return out;
}

std::string text(const Value& value) {
    std::string out;
    append_text(out, value);
    return out;
}

/// Values that lie close together, so that equal ones and near misses come up.
Value any_value() {
    static const std::array<std::string, 4> kStrings{"", "a", "ab", std::string("a\0", 2)};
    const std::int64_t base =
        *rc::gen::element<std::int64_t>(0, 1, -1, 1LL << 53, (1LL << 53) + 1, std::numeric_limits<std::int64_t>::max(),
                                        std::numeric_limits<std::int64_t>::min());
    switch (*rc::gen::inRange(0, 8)) {
        case 0: return {};
        case 1: return Value::of_bool(*rc::gen::arbitrary<bool>());
        case 2: return Value::of_int(base);
        case 3: return Value::of_float(static_cast<double>(base) + *rc::gen::element(0.0, 0.5, -0.5));
        case 4: return Value::of_string(kStrings.at(*rc::gen::inRange<std::size_t>(0, kStrings.size())));
        case 5: return Value::of_time(EventTime(base));
        case 6: return Value::of_duration(Duration(base));
        default: {
            Ip ip;
            ip.bytes[15] = static_cast<std::uint8_t>(*rc::gen::inRange(0, 3));
            return Value::of_ip(ip);
        }
    }
}

}  // namespace

TEST_CASE("int and float compare exactly") {
    const auto i = Value::of_int((1LL << 53) + 1);
    const auto f = Value::of_float(9007199254740992.0);
    CHECK_FALSE(equal(i, f));
    CHECK(compare(i, f) == std::strong_ordering::greater);
    CHECK(compare(f, i) == std::strong_ordering::less);
    CHECK(equal(Value::of_int(5), Value::of_float(5.0)));
    CHECK(compare(Value::of_int(5), Value::of_float(5.5)) == std::strong_ordering::less);
    CHECK(compare(Value::of_int(-5), Value::of_float(-5.5)) == std::strong_ordering::greater);
    const auto largest = Value::of_int(std::numeric_limits<std::int64_t>::max());
    CHECK(compare(largest, Value::of_float(9223372036854775808.0)) == std::strong_ordering::less);
    CHECK(equal(Value::of_int(std::numeric_limits<std::int64_t>::min()), Value::of_float(-9223372036854775808.0)));
}

TEST_CASE("null equals nothing and types do not mix") {
    CHECK_FALSE(equal({}, {}));
    CHECK_FALSE(compare({}, Value::of_int(1)).has_value());
    CHECK_FALSE(compare(Value::of_string("1"), Value::of_int(1)).has_value());
    CHECK_FALSE(equal(Value::of_time(EventTime(1)), Value::of_int(1)));
}

TEST_CASE("what is not finite is null") {
    CHECK(Value::of_float(std::numeric_limits<double>::infinity()).is_null());
    CHECK(Value::of_float(std::numeric_limits<double>::quiet_NaN()).is_null());
}

TEST_CASE("the order of all values is total, and agrees with equality and hash") {
    CHECK(rc::check([] {
        const Value a = any_value();
        const Value b = any_value();
        const Value c = any_value();
        RC_ASSERT(std::is_eq(total_order(a, a)));
        RC_ASSERT(std::is_lt(total_order(a, b)) == std::is_gt(total_order(b, a)));
        if (std::is_lteq(total_order(a, b)) && std::is_lteq(total_order(b, c))) {
            RC_ASSERT(std::is_lteq(total_order(a, c)));
        }
        if (equal(a, b)) {
            RC_ASSERT(hash(a) == hash(b));
        }
        if (const auto ordering = compare(a, b); ordering && std::is_neq(*ordering)) {
            RC_ASSERT(std::is_lt(total_order(a, b)) == std::is_lt(*ordering));
        }
        if (a.is_null() && !b.is_null()) {
            RC_ASSERT(std::is_lt(total_order(a, b)));
        }
    }));
}

TEST_CASE("values are written as JSON") {
    CHECK(json({}) == "null");
    CHECK(json(Value::of_bool(true)) == "true");
    CHECK(json(Value::of_int(std::numeric_limits<std::int64_t>::min())) == "-9223372036854775808");
    CHECK(json(Value::of_float(0.1)) == "0.1");
    CHECK(json(Value::of_float(-0.0)) == "0");
    CHECK(json(Value::of_float(100000)) == "100000");
    CHECK(json(Value::of_float(1e300)) == "1e+300");
    CHECK(json(Value::of_time(EventTime(1500))) == "\"1970-01-01T00:00:00.001500Z\"");
    CHECK(json(Value::of_duration(Duration(1500))) == "1");
    CHECK(json(Value::of_ip(*parse_ip("10.0.0.1"))) == "\"10.0.0.1\"");
    CHECK(json(Value::of_string("a\"\\\n\t\x01/\x7f")) == "\"a\\\"\\\\\\n\\t\\u0001/\x7f\"");
    CHECK(json(Value::of_string("é€😀")) == "\"é€😀\"");
    CHECK(json(Value::of_string("a\xff\xe2\x82z\xed\xa0\x80")) == "\"a\uFFFD\uFFFD\uFFFDz\uFFFD\uFFFD\uFFFD\"");
}

TEST_CASE("values are written as text") {
    CHECK(text({}) == "null");
    CHECK(text(Value::of_string("a\"b")) == "a\"b");
    CHECK(text(Value::of_duration(Duration(90'000'000))) == "90s");
    CHECK(text(Value::of_time(EventTime(0))) == "1970-01-01T00:00:00.000Z");
    CHECK(text(Value::of_float(2.5)) == "2.5");
}

TEST_CASE("type names are those of the language") {
    for (const char* name : {"bool", "int", "float", "string", "time", "duration", "ip"}) {
        CHECK(type_name(type_from_name(name).value()) == name);
    }
    CHECK_FALSE(type_from_name("Int").has_value());
    CHECK_FALSE(type_from_name("null").has_value());
}

TEST_CASE("addresses are read in every form and written in one") {
    const auto again = [](const char* address) {
        const auto ip = parse_ip(address);
        return ip ? format_ip(*ip) : "nothing";
    };
    CHECK(again("10.0.0.7") == "10.0.0.7");
    CHECK(again("::ffff:10.0.0.7") == "10.0.0.7");
    CHECK(again("::FFFF:0a00:0007") == "10.0.0.7");
    CHECK(again("2001:DB8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");
    CHECK(again("2001:0db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");
    CHECK(again("::") == "::");
    CHECK(again("::1") == "::1");
    CHECK(again("1::") == "1::");
    for (const char* address : {"", "10.0.0", "10.0.0.256", "10.0.0.07", "10.0.0.7 ", "10.0.0.7.1", "1e1.0.0.1", ":", "1:2",
                                "::1%eth0", "[::1]", "1:2:3:4:5:6:7:8:9", "10.0.0.1:80"}) {
        INFO(address);
        CHECK(again(address) == "nothing");
    }
}

TEST_CASE("networks hold the addresses that their prefix says") {
    const auto holds = [](const char* network, const char* address) {
        return parse_network(network).value().contains(parse_ip(address).value());
    };
    CHECK(holds("10.0.0.0/8", "10.255.0.1"));
    CHECK_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
    CHECK(holds("10.128.0.0/9", "10.200.0.1"));
    CHECK_FALSE(holds("10.128.0.0/9", "10.127.255.255"));
    CHECK(holds("0.0.0.0/0", "255.1.2.3"));
    CHECK_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
    CHECK(holds("2001:db8::/32", "2001:db8:ffff::1"));
    CHECK(holds("::/0", "10.0.0.1"));
    CHECK(holds("10.0.0.1", "10.0.0.1"));
    CHECK_FALSE(holds("10.0.0.1/32", "10.0.0.2"));
    CHECK(parse_network("10.1.2.3/8") == parse_network("10.0.0.0/8"));
    for (const char* network : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8 ", "::/129", "/8", "10.0.0.0/8/8"}) {
        INFO(network);
        CHECK_FALSE(parse_network(network).has_value());
    }
}
