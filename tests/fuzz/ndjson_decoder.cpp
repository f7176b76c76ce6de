// Whatever the bytes are, the decoder ends with a row or a reason for each line that is not blank; what it says of a
// record does not depend on what is read, on the lines around it, or on how the input is cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <tocsin/event/decode.hpp>

namespace {

using namespace tocsin;
using namespace tocsin::event;

[[noreturn]] void give_up(const char* what, const std::string& text) {
    std::fprintf(stderr, "%s\n----\n%s\n", what, text.c_str());
    std::abort();
}

const Projection& some_fields() {
    static const Projection kFields{{{"a"}, Type::string, TimeUnit::ms},
                                    {{"a"}, Type::floating, TimeUnit::ms},
                                    {{"a", "x"}, Type::integer, TimeUnit::ms},
                                    {{"b"}, Type::time, TimeUnit::s},
                                    {{"b"}, Type::boolean, TimeUnit::ms},
                                    {{"a", "x", "y"}, Type::duration, TimeUnit::ms},
                                    {{"c"}, Type::ip, TimeUnit::ms},
                                    {{"id"}, Type::integer, TimeUnit::ms, ColumnSpec::Of::row},
                                    {{"a", "x"}, Type::string, TimeUnit::ms, ColumnSpec::Of::row},
                                    {{"source", "db"}, Type::string, TimeUnit::ms, ColumnSpec::Of::row},
                                    {{"b"}, Type::time, TimeUnit::s, ColumnSpec::Of::row_time}};
    return kFields;
}

std::string row_text(const Batch& batch, std::size_t row) {
    const RecordHeader& header = batch.header(row);
    std::string out = std::string(header.raw) + "|" + (header.deletes ? "deletes|" : "|") + std::string(header.type) + "|";
    for (std::uint32_t i = 0; i < some_fields().size(); ++i) {
        append_json(out, batch.column(ColumnId{i}).value(row));
        out += ',';
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    Limits limits;
    limits.record_nesting = 20;
    limits.record_bytes = 1000;
    Decoder decoder(Format::ndjson, some_fields(), limits);
    Decoder bare(Format::ndjson, {}, limits);
    const Batch whole = decoder.decode(InputId{0}, make_block(text, 1));
    const Batch without_fields = bare.decode(InputId{0}, make_block(text, 1));
    if (whole.rows() != without_fields.rows() || whole.errors().size() != without_fields.errors().size()) {
        give_up("what can be read depends on what is read", text);
    }
    std::size_t row = 0;
    std::size_t error = 0;
    std::uint64_t line = 1;
    for (std::size_t begin = 0; begin < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const Batch one = decoder.decode(InputId{0}, make_block(text.substr(begin, end - begin), line));
        for (std::size_t i = 0; i < one.rows(); ++i, ++row) {
            if (row >= whole.rows() || row_text(whole, row) != row_text(one, i) || whole.header(row).line != line) {
                give_up("a record reads differently by itself", text);
            }
        }
        for (std::size_t i = 0; i < one.errors().size(); ++i, ++error) {
            if (error >= whole.errors().size() || whole.errors()[error].line != line ||
                whole.errors()[error].reason != one.errors()[i].reason) {
                give_up("an error differs from that of the line by itself", text);
            }
        }
        begin = end + 1;
    }
    if (row != whole.rows() || error != whole.errors().size()) {
        give_up("lines by themselves give fewer records", text);
    }
    return 0;
}
