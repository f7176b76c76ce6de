#include "records.hpp"

#include <tocsin/streams/block_reader.hpp>

#include "support/test.hpp"

namespace tocsin::test {

void each_record(const std::filesystem::path& file, const std::function<void(const simdjson::dom::object&)>& call) {
    auto reader = streams::BlockReader::open({"data", file.string()}, {});
    REQUIRE(reader);
    simdjson::dom::parser parser;
    while (true) {
        const auto block = reader->next();
        REQUIRE(block);
        if (!*block) {
            return;
        }
        const std::string_view text = (*block)->text();
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            if (end > begin) {
                const simdjson::dom::object record = parser.parse(text.data() + begin, end - begin);
                call(record);
            }
            begin = end + 1;
        }
    }
}

std::string text_of(const simdjson::dom::object& record, const char* name) {
    std::string_view text;
    return record[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::int64_t int_of(const simdjson::dom::object& record, const char* name) {
    std::int64_t number = 0;
    return record[name].get(number) == simdjson::SUCCESS ? number : 0;
}

double number_of(const simdjson::dom::object& record, const char* name) {
    double number = 0;
    return record[name].get(number) == simdjson::SUCCESS ? number : 0;
}

std::vector<std::int64_t> ints_of(const simdjson::dom::element& array) {
    std::vector<std::int64_t> numbers;
    for (const simdjson::dom::element one : array.get_array()) {
        numbers.push_back(one.get_int64());
    }
    return numbers;
}

std::vector<std::int64_t> to_ints(const std::vector<std::string>& texts) {
    std::vector<std::int64_t> numbers;
    for (const std::string& text : texts) {
        numbers.push_back(std::stoll(text));
    }
    return numbers;
}

}  // namespace tocsin::test
