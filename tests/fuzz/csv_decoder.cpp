// Whatever the bytes are, the decoder ends with a row or a reason for each record that is not blank, and cutting the input
// where records end changes nothing.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <tocsin/event/csv.hpp>

namespace {

using namespace tocsin;
using namespace tocsin::event;

[[noreturn]] void give_up(const char* what, const std::string& text) {
    std::fprintf(stderr, "%s\n----\n%s\n", what, text.c_str());
    std::abort();
}

void append_batch(std::string& out, const Batch& batch) {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        out += std::to_string(batch.header(row).line) + std::string(batch.header(row).raw) + '|';
        append_json(out, batch.column(ColumnId{0}).value(row));
        append_json(out, batch.column(ColumnId{1}).value(row));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    const std::size_t header_size = csv_record_length(text).value_or(text.size());
    const auto header = std::make_shared<const CsvHeader>(parse_csv_header(std::string_view(text).substr(0, header_size)));
    Decoder decoder(Format::csv, {{{"a"}, Type::string, TimeUnit::ms}, {{"b"}, Type::floating, TimeUnit::ms}}, {});
    const auto decode = [&](std::size_t begin, std::size_t length, std::uint64_t line) {
        Block block = make_block(text.substr(begin, length), line);
        block.csv_header = header;
        return decoder.decode(InputId{0}, block);
    };
    std::string whole;
    std::string pieces;
    const Batch all = decode(header_size, text.size() - header_size, 1);
    append_batch(whole, all);
    std::size_t errors = 0;
    std::uint64_t line = 1;
    for (std::size_t begin = header_size; begin < text.size();) {
        const std::size_t length = csv_record_length(std::string_view(text).substr(begin)).value_or(text.size() - begin);
        const Batch one = decode(begin, length, line);
        append_batch(pieces, one);
        errors += one.errors().size();
        for (std::size_t i = begin; i < begin + length; ++i) {
            line += text[i] == '\n' ? 1U : 0U;
        }
        begin += length;
    }
    if (whole != pieces || errors != all.errors().size()) {
        give_up("cutting between records changes them", text);
    }
    return 0;
}
