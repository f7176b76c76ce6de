#include "body.hpp"
#include "support/test.hpp"

namespace tocsin::service {
namespace {

TEST_CASE("an array is split at its outermost commas only") {
    CHECK(records_of("[{\"a\":[1,2],\"b\":{\"c\":\",]\"}},{}]").value() == "{\"a\":[1,2],\"b\":{\"c\":\",]\"}}\n{}\n");
    CHECK(records_of(" [ {\"a\":\"\\\"]\"} ,\n{\"b\":1}\n] ").value() == "{\"a\":\"\\\"]\"} \n\t{\"b\":1}\t\n");
    CHECK(records_of("[]").value().empty());
    CHECK(records_of(" [ ] ").value().empty());
}

TEST_CASE("an array that is not whole is refused") {
    for (const char* const wrong : {"[", "[{}", "[{},", "[{},]", "[,{}]", "[{}]x", "[{}] [{}]", "[\"", "[\"\\"}) {
        INFO(wrong);
        CHECK_FALSE(records_of(wrong).has_value());
    }
}

TEST_CASE("what is no array stays as it is") {
    CHECK(records_of("{\"a\":1}\n\n{}").value() == "{\"a\":1}\n\n{}");
    CHECK(records_of("").value().empty());
    CHECK(records_of("x[").value() == "x[");
}

TEST_CASE("stream and partition stand before all fields of a record, and what is none is left alone") {
    CHECK(with_origin("{\"a\":1}\n {}\nx\n\n", "S", "7") ==
          "{\"$stream\":\"S\",\"$partition\":\"7\",\"a\":1}\n{\"$stream\":\"S\",\"$partition\":\"7\"}\nx\n\n");
    CHECK(with_origin("{\"a\":1}", "", "a\"b") == "{\"$partition\":\"a\\\"b\",\"a\":1}\n");
}

TEST_CASE("the index of a record does not count blank lines") {
    CHECK(index_of_line("a\n\n b\nc\n", 1) == 0);
    CHECK(index_of_line("a\n\n b\nc\n", 3) == 1);
    CHECK(index_of_line("a\n\n b\nc\n", 4) == 2);
}

}  // namespace
}  // namespace tocsin::service
