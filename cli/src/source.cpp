#include "source.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

#include <tocsin/streams/block_reader.hpp>

#include "log_source.hpp"

namespace tocsin::cli {

namespace {

class FileSource final : public Source {
public:
    explicit FileSource(streams::BlockReader reader)
        : reader_(std::move(reader)), inputs_{{std::string(reader_.name()), reader_.format()}} {}

    [[nodiscard]] const std::vector<engine::Input>& inputs() const override { return inputs_; }
    [[nodiscard]] std::uint64_t bytes_read() const override { return reader_.bytes_read(); }
    [[nodiscard]] std::optional<std::uint64_t> total_bytes() const override { return reader_.total_bytes(); }
    [[nodiscard]] bool live() const override { return !reader_.total_bytes(); }
    [[nodiscard]] Result<std::optional<SourceBlock>> next() override {
        auto block = reader_.next();
        if (!block) {
            return tl::unexpected(block.error());
        }
        return *block ? std::optional(SourceBlock{std::move(**block), 0}) : std::nullopt;
    }

private:
    streams::BlockReader reader_;
    std::vector<engine::Input> inputs_;
};

Result<void> check_names(const Sources& sources) {
    std::set<std::string> names;
    for (const engine::Input& input : inputs_of(sources)) {
        if (!names.insert(input.name).second) {
            return fail(Errc::invalid,
                        fmt::format("two inputs are named {}; give a file another name with NAME=PATH", input.name));
        }
    }
    return {};
}

}  // namespace

Result<Sources> open_sources(const InputChoice& choice, std::span<const std::shared_ptr<const plan::Program>> programs,
                             std::size_t records, const Limits& limits) {
    Sources sources;
    for (const streams::InputSpec& file : choice.files) {
        auto reader = streams::BlockReader::open(file, {.format = std::nullopt, .max_records = records, .limits = limits});
        if (!reader) {
            return tl::unexpected(reader.error());
        }
        sources.push_back(std::make_unique<FileSource>(std::move(*reader)));
    }
    if (choice.data) {
        auto log = open_log(*choice.data, programs, records);
        if (!log) {
            return tl::unexpected(log.error());
        }
        sources.push_back(std::move(*log));
    }
    return check_names(sources).map([&] { return std::move(sources); });
}

std::vector<engine::Input> inputs_of(const Sources& sources) {
    std::vector<engine::Input> inputs;
    for (const auto& source : sources) {
        inputs.insert(inputs.end(), source->inputs().begin(), source->inputs().end());
    }
    return inputs;
}

}  // namespace tocsin::cli
