// The decoder against a slow one over simdjson's DOM, on random records.
#include "support/test.hpp"

#include <algorithm>
#include <cmath>
#include <compare>
#include <optional>
#include <string>
#include <vector>

#include <rapidcheck.h>
#include <simdjson.h>

#include "event/decode_text.hpp"

using namespace tocsin;
using namespace tocsin::event;

namespace {

namespace dom = simdjson::dom;

const std::vector<std::string> kNames{"a", "b", "a.b", "b.a", "long_name_of_a_field", "c"};

std::string random_blanks() { return *rc::gen::element<std::string>("", "", "", " ", "\t", "  "); }

std::string random_scalar() {
    return *rc::gen::element<std::string>("1", "-7", "0", "5.0", "1e3", "2.5", "-0.0", "9223372036854775807", "1e300", "true",
                                          "false", "null", "\"\"", "\"text\"", "\"\\u0041\\n\\\\\"", "\"2017-03-27T13:06:56Z\"",
                                          "\"10.0.0.7\"", "\"5m\"", "\"é\"", "\"{,]:\\\"\"");
}

std::string random_json(int depth) {
    const int kind = depth == 0 ? 0 : *rc::gen::inRange(0, 6);
    if (kind < 4) {
        return random_scalar();
    }
    std::string out = kind == 4 ? "{" : "[";
    const int size = *rc::gen::inRange(0, 4);
    for (int i = 0; i < size; ++i) {
        out += i > 0 ? "," : "";
        out += random_blanks();
        if (kind == 4) {
            out += "\"" + *rc::gen::elementOf(kNames) + "\"" + random_blanks() + ":" + random_blanks();
        }
        out += random_json(depth - 1) + random_blanks();
    }
    return out + (kind == 4 ? "}" : "]");
}

std::string random_record() {
    std::string out = "{";
    const int size = *rc::gen::inRange(0, 6);
    for (int i = 0; i < size; ++i) {
        out += i > 0 ? "," : "";
        out +=
            random_blanks() + "\"" + *rc::gen::elementOf(kNames) + "\":" + random_blanks() + random_json(3) + random_blanks();
    }
    return out + "}";
}

/// The first of the names that lead to `path` from `from` on, each name of an object looked at once.
std::optional<dom::element> find(dom::object object, const std::vector<std::string>& path, std::size_t from) {
    std::vector<std::string> seen;
    for (const auto [key, value] : object) {
        const std::string name(key);
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
            continue;
        }
        seen.push_back(name);
        std::string joined;
        for (std::size_t end = from; end < path.size(); ++end) {
            joined += (end > from ? "." : "") + path[end];
            if (joined != name) {
                continue;
            }
            if (end + 1 == path.size()) {
                return value;
            }
            dom::object inner;
            if (value.get_object().get(inner) == simdjson::SUCCESS) {
                if (auto found = find(inner, path, end + 1)) {
                    return found;
                }
            }
        }
    }
    return std::nullopt;
}

/// What a column must hold; `fits` is false where that is null because of the value's type.
Value expected(const std::optional<dom::element>& element, const ColumnSpec& spec, bool& fits) {
    fits = true;
    if (!element || element->is_null()) {
        return {};
    }
    fits = false;
    Value value;
    if (element->is_bool() && spec.type == Type::boolean) {
        value = Value::of_bool(element->get_bool());
    } else if (element->is_number() && spec.type == Type::floating) {
        value = Value::of_float(element->get_double());
    } else if (element->is_number() && spec.type == Type::integer) {
        const double number = element->get_double();
        if (element->is_int64()) {
            value = Value::of_int(element->get_int64());
        } else if (number == std::trunc(number) && std::abs(number) < 9e18) {
            value = Value::of_int(static_cast<std::int64_t>(number));
        }
    } else if (element->is_string() && spec.type == Type::string) {
        value = Value::of_string(element->get_string());
    } else if (element->is_string() && spec.type == Type::time) {
        if (const auto time = parse_rfc3339(element->get_string())) {
            value = Value::of_time(*time);
        }
    } else if (element->is_int64() && spec.type == Type::time) {
        if (const auto time = from_epoch(element->get_int64(), spec.unit)) {
            value = Value::of_time(*time);
        }
    } else if (element->is_string() && spec.type == Type::ip) {
        if (const auto ip = parse_ip(element->get_string())) {
            value = Value::of_ip(*ip);
        }
    }
    fits = !value.is_null();
    return value;
}

}  // namespace

TEST_CASE("the decoder reads what a slow decoder reads") {
    const bool ok = rc::check([] {
        Projection projection;
        const auto columns = *rc::gen::inRange<std::size_t>(0, 5);
        for (std::size_t i = 0; i < columns; ++i) {
            ColumnSpec spec;
            const auto parts = *rc::gen::inRange(1, 4);
            for (int part = 0; part < parts; ++part) {
                spec.path.push_back(*rc::gen::element<std::string>("a", "b", "c", "long_name_of_a_field"));
            }
            // A time from a fraction has its own tests; here its numbers are whole.
            spec.type = *rc::gen::element(Type::boolean, Type::integer, Type::floating, Type::string, Type::ip);
            projection.push_back(spec);
        }
        std::vector<std::string> records;
        std::string text;
        const auto count = *rc::gen::inRange(1, 6);
        for (int i = 0; i < count; ++i) {
            records.push_back(random_record());
            text += records.back() + "\n";
        }
        // A line that stage 1 refuses makes the whole block go the slow way, which must give the same.
        const bool spoiled = *rc::gen::arbitrary<bool>();
        text += spoiled ? "{\"a\":\"\n" : "";

        Decoder decoder(Format::ndjson, projection, {});
        const Batch batch = decoder.decode(InputId{0}, make_block(text, 1));
        RC_ASSERT(batch.rows() == records.size());
        RC_ASSERT(batch.errors().size() == (spoiled ? 1U : 0U));
        std::vector<Batch::Mistyped> mistyped;
        dom::parser parser;
        for (std::size_t row = 0; row < records.size(); ++row) {
            RC_ASSERT(batch.header(row).raw == records[row]);
            const dom::object object = parser.parse(records[row]).get_object();
            for (std::uint32_t i = 0; i < projection.size(); ++i) {
                bool fits = true;
                const Value want = expected(find(object, projection[i].path, 0), projection[i], fits);
                if (!fits) {
                    mistyped.push_back({static_cast<std::uint32_t>(row), ColumnId{i}});
                }
                RC_ASSERT(std::is_eq(total_order(batch.column(ColumnId{i}).value(row), want)));
            }
        }
        // Within a row in the order of the record, which is none that matters.
        std::vector<Batch::Mistyped> noted = batch.mistyped();
        std::ranges::sort(noted, {}, [](const Batch::Mistyped& one) { return std::pair(one.row, one.column); });
        RC_ASSERT(noted == mistyped);
    });
    CHECK(ok);
}

/// `9e233…`: three digits behind an `e` can make a number that no double holds.
bool has_long_exponent(const std::string& record) {
    for (std::size_t e = record.find('e'); e != std::string::npos; e = record.find('e', e + 1)) {
        const std::size_t digits = record.find_first_not_of("+-", e + 1);
        if (digits != std::string::npos && record.find_first_not_of("0123456789", digits) >= digits + 3) {
            return true;
        }
    }
    return false;
}

TEST_CASE("a record is readable exactly if simdjson's DOM takes it as an object") {
    const bool ok = rc::check([] {
        std::string record = random_record();
        // One random change, so that about half of them break.
        const auto place = *rc::gen::inRange<std::size_t>(0, record.size());
        const char to = *rc::gen::element('"', '\\', '{', '}', '[', ']', ',', ':', ' ', '0', 'e', '-', 'x', '\t', '\x01');
        record[place] = to;
        dom::parser parser;
        dom::object object;
        const bool want = parser.parse(record).get_object().get(object) == simdjson::SUCCESS;
        // A number that no double holds and half a surrogate pair are refused there and have an answer here.
        RC_PRE(record.find("\\u") == std::string::npos && record.find("e3") == std::string::npos && !has_long_exponent(record));
        const std::string got = test::decode_ndjson({}, record);
        RC_ASSERT((got == "1:\n") == want);
    });
    CHECK(ok);
}
