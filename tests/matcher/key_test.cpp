#include <tocsin/matcher/key.hpp>

#include <algorithm>
#include <cmath>
#include <deque>

#include <rapidcheck.h>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

using event::Value;

/// A value of any type but null; strings with the bytes that encodings stumble over. The text lives in `texts`.
Value any_value(std::deque<std::string>& texts) {
    switch (*rc::gen::inRange(0, 7)) {
        case 0: return Value::of_bool(*rc::gen::arbitrary<bool>());
        case 1: return Value::of_int(*rc::gen::arbitrary<std::int64_t>());
        case 2:
            return Value::of_float(*rc::gen::suchThat(rc::gen::arbitrary<double>(), [](double d) { return std::isfinite(d); }));
        case 3: return Value::of_time(EventTime(*rc::gen::arbitrary<std::int64_t>()));
        case 4: return Value::of_duration(Duration(*rc::gen::arbitrary<std::int64_t>()));
        case 5: {
            event::Ip ip;
            for (std::uint8_t& byte : ip.bytes) {
                byte = *rc::gen::arbitrary<std::uint8_t>();
            }
            return Value::of_ip(ip);
        }
        default:
            texts.push_back(*rc::gen::container<std::string>(rc::gen::element('\0', '\1', '\4', '\xff', 'a', ':')));
            return Value::of_string(texts.back());
    }
}

std::vector<Value> any_key(std::deque<std::string>& texts) {
    std::vector<Value> key;
    for (int left = *rc::gen::inRange(0, 5); left > 0; --left) {
        key.push_back(any_value(texts));
    }
    return key;
}

std::string encoded(const std::vector<Value>& key) {
    std::string bytes;
    encode_key(bytes, key);
    return bytes;
}

bool same(const std::vector<Value>& a, const std::vector<Value>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Value& x, const Value& y) { return x.type() == y.type() && event::equal(x, y); });
}

TEST_CASE("a key reads back as it was written") {
    CHECK(rc::check("round trip", [] {
        std::deque<std::string> texts;
        const std::vector<Value> key = any_key(texts);
        const std::string bytes = encoded(key);
        RC_ASSERT(same(decode_key(bytes), key));
    }));
}

TEST_CASE("keys have the same bytes exactly if they are equal") {
    CHECK(rc::check("one to one", [] {
        std::deque<std::string> texts;
        const std::vector<Value> a = any_key(texts);
        const std::vector<Value> b = any_key(texts);
        RC_ASSERT((encoded(a) == encoded(b)) == same(a, b));
    }));
}

TEST_CASE("parts do not run into each other") {
    CHECK(encoded({Value::of_string("ab"), Value::of_string("c")}) != encoded({Value::of_string("a"), Value::of_string("bc")}));
}

TEST_CASE("minus zero and zero are one key") { CHECK(encoded({Value::of_float(-0.0)}) == encoded({Value::of_float(0.0)})); }

TEST_CASE("a number and a text of the same bytes are two keys") {
    CHECK(encoded({Value::of_int(1)}) != encoded({Value::of_bool(true)}));
    CHECK(encoded({Value::of_time(EventTime(5))}) != encoded({Value::of_duration(Duration(5))}));
}

TEST_CASE("the key without parts is empty") {
    CHECK(encoded({}).empty());
    CHECK(decode_key("").empty());
}

TEST_CASE("encoding appends to what is there") {
    std::string bytes = "before";
    const std::vector<Value> key{Value::of_int(7)};
    encode_key(bytes, key);
    CHECK(bytes == "before" + encoded(key));
}

}  // namespace
}  // namespace tocsin::matcher
