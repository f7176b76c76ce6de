#include "checkpointer.hpp"

#include <utility>

#include <spdlog/spdlog.h>

namespace tocsin::service {

Checkpointer::Checkpointer(const std::string& folder, delivery::Millis every) : every_(every) {
    if (!folder.empty()) {
        files_.emplace(folder);
    }
}

void Checkpointer::restore(RuleEngine& engine, std::uint64_t most_records) {
    if (!files_) {
        return;
    }
    for (const std::uint64_t records : files_->list()) {
        if (records > most_records) {
            continue;  // the store is one from a backup
        }
        const auto restored = files_->read(records).and_then([&](const std::string& state) { return engine.restore(state); });
        if (restored) {
            saved_records_ = records;
            figures_.records = records;
            figures_.started_from = records;
            return;
        }
        spdlog::info("the checkpoint at record {} is not used: {}", records, restored.error().message);
    }
}

std::optional<delivery::WallTime> Checkpointer::due(std::uint64_t records) const {
    return files_ && records != saved_records_ ? std::optional(next_) : std::nullopt;
}

bool Checkpointer::writing() const {
    return under_way_.valid() && under_way_.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
}

void Checkpointer::save(RuleEngine& engine, delivery::WallTime now, std::uint64_t room) {
    next_ = now + every_;
    if (writing()) {
        return;
    }
    finish();
    const auto begin = std::chrono::steady_clock::now();
    std::string state = engine.save();
    figures_.last_pause = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
    saved_records_ = engine.records();
    if (state.size() > room) {
        note({engine.records(), state.size(), fail(Errc::limit, "the disk is too full")});
        return;
    }
    under_way_ = std::async(std::launch::async, [files = *files_, records = engine.records(), state = std::move(state)] {
        return Written{records, state.size(), files.write(records, state)};
    });
}

void Checkpointer::finish() {
    if (under_way_.valid()) {
        note(under_way_.get());
    }
}

const CheckpointFigures& Checkpointer::figures() {
    if (!writing()) {
        finish();
    }
    return figures_;
}

void Checkpointer::note(Written written) {
    if (!written.outcome) {
        ++figures_.failures;
        spdlog::error("a checkpoint at record {} was not written: {}", written.records, written.outcome.error().message);
        return;
    }
    ++figures_.written;
    figures_.records = written.records;
    figures_.bytes = written.bytes;
}

}  // namespace tocsin::service
