#include <tocsin/event/decode.hpp>

#include <utility>

#include "record_decoder.hpp"

namespace tocsin::event {

Block make_block(std::string text, std::uint64_t first_line) {
    Block block;
    block.size = text.size();
    block.first_line = first_line;
    text.append(kBlockPadding, '\0');
    block.bytes = std::make_shared<const std::string>(std::move(text));
    return block;
}

struct Decoder::Impl {
    Projection projection;
    std::unique_ptr<RecordDecoder> decoder;
};

Decoder::Decoder(Format format, Projection projection, const Limits& limits) : impl_(std::make_unique<Impl>()) {
    impl_->decoder = format == Format::csv ? make_csv_decoder(projection, limits) : make_ndjson_decoder(projection, limits);
    impl_->projection = std::move(projection);
}

Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Batch Decoder::decode(InputId input, const Block& block) {
    Batch batch(input, impl_->projection);
    batch.keep(block.bytes);
    batch.set_csv_header(block.csv_header);
    impl_->decoder->decode(batch, block);
    return batch;
}

Batch Decoder::decode_record(InputId input, std::string_view raw, std::shared_ptr<const CsvHeader> csv_header) {
    Block block = make_block(std::string(raw), 1);
    block.csv_header = std::move(csv_header);
    return decode(input, block);
}

}  // namespace tocsin::event
