// The store on RocksDB: one column family for each part, one write batch for each commit.
//
// What a commit holds is in the write-ahead log when it returns, synced. On opening, a last record of that log that a crash cut
// off is dropped (it was not acknowledged); anything else that does not fit its checksum is refused, since dropping what stands
// behind it would lose acknowledged records.

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <limits>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <tocsin/state/store.hpp>

#include "encoding.hpp"

namespace tocsin::state {

namespace {

namespace fs = std::filesystem;

enum Family : std::size_t { kUnused, kMeta, kLog, kOutbox, kShown, kDeliveries, kDead, kFamilies };

constexpr const char* kFormatKey = "format";
constexpr const char* kPositionKey = "position";
constexpr const char* kNotePrefix = "note/";

/// What is written before it goes from memory to files of its own: with more, a restart reads more of the write-ahead log.
constexpr std::size_t kWriteBuffer = 32U << 20;
constexpr std::uint64_t kWriteAheadLog = 128U << 20;

constexpr int kReadTries = 10;
constexpr std::chrono::milliseconds kReadPause{20};

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

Error damaged(const std::string& path, std::string_view what) {
    return {Errc::bad_data,
            fmt::format("the store in {} is damaged: {}. Restore the folder from a backup, or move it away and start with an "
                        "empty one: what it held is then not known any more",
                        path, what)};
}

Error error_of(const std::string& path, const rocksdb::Status& status) {
    if (status.IsCorruption()) {
        return damaged(path, status.ToString());
    }
    return {Errc::io, fmt::format("the store in {}: {}", path, status.ToString())};
}

bool is_file_missing(const rocksdb::Status& status) {
    return status.IsPathNotFound() || status.ToString().find("No such file") != std::string::npos;
}

Error error_of_opening(const std::string& path, const rocksdb::Status& status) {
    const std::string text = status.ToString();
    if (text.find("LOCK") != std::string::npos) {
        return {Errc::io, fmt::format("the store in {} is in use by another process", path)};
    }
    return status.IsCorruption() || is_file_missing(status) ? damaged(path, text) : error_of(path, status);
}

rocksdb::ColumnFamilyOptions family_options(Family family) {
    rocksdb::ColumnFamilyOptions options;
    options.write_buffer_size = kWriteBuffer;
    if (family == kLog || family == kOutbox) {
        options.compression = rocksdb::kLZ4Compression;
    }
    if (family == kShown) {
        rocksdb::BlockBasedTableOptions table;
        table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
        options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    }
    return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families() {
    std::vector<rocksdb::ColumnFamilyDescriptor> result{{rocksdb::kDefaultColumnFamilyName, family_options(kUnused)}};
    constexpr std::array names{"meta", "log", "outbox", "shown", "deliveries", "dead"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        result.emplace_back(names[i], family_options(static_cast<Family>(i + 1)));
    }
    return result;
}

rocksdb::DBOptions database_options() {
    rocksdb::DBOptions options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.paranoid_checks = true;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    options.max_total_wal_size = kWriteAheadLog;
    options.keep_log_file_num = 2;
    options.info_log_level = rocksdb::WARN_LEVEL;
    return options;
}

class RocksStore final : public Store {
public:
    explicit RocksStore(std::string path) : path_(std::move(path)) {}
    ~RocksStore() override {
        for (rocksdb::ColumnFamilyHandle* const handle : handles_) {
            static_cast<void>(db_->DestroyColumnFamilyHandle(handle));
        }
    }

    [[nodiscard]] Result<void> open(Access access);

    [[nodiscard]] Result<Position> position() const override;
    [[nodiscard]] Result<void> commit(const Commit& commit) override;
    [[nodiscard]] Result<void> each_chunk(const std::function<Result<void>(const Chunk&)>& visit) const override;
    [[nodiscard]] Result<void> each_chunk_from(std::uint64_t sequence,
                                               const std::function<Result<void>(const Chunk&)>& visit) const override;
    [[nodiscard]] Result<std::uint64_t> first_since(std::int64_t time_ms) const override;
    [[nodiscard]] Result<void> each_deployment(const std::function<Result<void>(const Deployment&)>& visit) const override;
    [[nodiscard]] Result<std::optional<Deployment>> deployment(std::uint64_t number) const override;
    [[nodiscard]] Result<std::uint32_t> shown(std::uint64_t alert, std::string_view op) const override;
    [[nodiscard]] Result<bool> shown_in_shadow(std::uint64_t alert, std::string_view op) const override;
    [[nodiscard]] Result<std::uint64_t> size_bytes() const override;
    [[nodiscard]] Result<std::uint64_t> free_bytes() const override;

    [[nodiscard]] Result<std::optional<OutboxRow>> row(std::uint64_t sequence) const override;
    [[nodiscard]] Result<void> each_row(const std::function<Result<void>(const OutboxRow&)>& visit) const override;
    [[nodiscard]] Result<std::vector<Delivery>> pending(std::string_view endpoint, std::uint64_t after,
                                                        std::size_t most) const override;
    [[nodiscard]] Result<std::uint64_t> pending_count(std::string_view endpoint) const override;
    [[nodiscard]] Result<std::vector<std::string>> endpoints_with_pending() const override;
    [[nodiscard]] Result<void> writable() const override;
    [[nodiscard]] Result<void> delivered(std::string_view endpoint, const std::vector<std::uint64_t>& sequences,
                                         std::optional<std::string> note) override;
    [[nodiscard]] Result<void> postpone(const Delivery& delivery) override;
    [[nodiscard]] Result<void> give_up(const DeadLetter& letter) override;
    [[nodiscard]] Result<std::string> note(std::string_view endpoint) const override;
    [[nodiscard]] Result<std::vector<DeadLetter>> dead_letters() const override;
    [[nodiscard]] Result<void> redrive(std::string_view endpoint, std::uint64_t sequence) override;

private:
    [[nodiscard]] Result<std::optional<std::string>> get(Family family, std::string_view key) const;
    /// All of a family whose keys start with `prefix`, in order, as `Item`s; only those at or behind `from`, where that is given.
    template <class Item>
    [[nodiscard]] Result<void> each(Family family, std::string_view prefix,
                                    const std::function<Result<void>(const Item&)>& visit, std::string_view from = {}) const;
    /// The last of a family, if there is any.
    template <class Item>
    [[nodiscard]] Result<std::optional<Item>> last(Family family) const;
    [[nodiscard]] Result<void> write(rocksdb::WriteBatch& batch, bool sync);
    void put(rocksdb::WriteBatch& batch, Family family, std::string_view key, std::string_view value) const;
    [[nodiscard]] rocksdb::Status open_to_write();
    [[nodiscard]] rocksdb::Status open_to_read();
    [[nodiscard]] Result<void> check_format();
    [[nodiscard]] Result<void> check_in_step() const;

    std::string path_;
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // owned by db_, given back before it ends
};

Result<void> RocksStore::open(Access access) {
    std::error_code error;
    const bool exists = fs::exists(fs::path(path_) / "CURRENT", error);
    if (!exists && access == Access::read) {
        return fail(Errc::io, fmt::format("no store in {}", path_));
    }
    if (!exists && fs::exists(path_, error) && !fs::is_empty(path_, error)) {
        return tl::unexpected(damaged(path_, "the folder holds files, but no store (there is no file CURRENT)"));
    }
    if (access == Access::write) {
        fs::create_directories(path_, error);
        if (error) {
            return fail(Errc::io, fmt::format("cannot make the folder {}: {}", path_, error.message()));
        }
    }
    const rocksdb::Status status = access == Access::write ? open_to_write() : open_to_read();
    if (!status.ok()) {
        return tl::unexpected(error_of_opening(path_, status));
    }
    return check_format().and_then([&] { return check_in_step(); });
}

rocksdb::Status RocksStore::open_to_write() {
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(database_options(), path_, families(), &handles_, &opened);
    db_.reset(opened);
    return status;
}

/// A process that writes to it replaces files while we open them.
rocksdb::Status RocksStore::open_to_read() {
    rocksdb::Status status;
    for (int tries = 0; tries < kReadTries; ++tries) {
        rocksdb::DB* opened = nullptr;
        status = rocksdb::DB::OpenForReadOnly(database_options(), path_, families(), &handles_, &opened);
        db_.reset(opened);
        if (status.ok() || !is_file_missing(status)) {
            break;
        }
        std::this_thread::sleep_for(kReadPause);
    }
    return status;
}

Result<void> RocksStore::check_format() {
    const auto stored = get(kMeta, kFormatKey);
    if (!stored) {
        return tl::unexpected(stored.error());
    }
    if (!*stored) {
        std::string value;
        put_u32(value, kFormat);
        rocksdb::WriteBatch batch;
        put(batch, kMeta, kFormatKey, value);
        put(batch, kMeta, kPositionKey, encode(Position{}));
        return write(batch, true);
    }
    ByteReader reader(**stored);
    const std::uint32_t format = reader.u32();
    if (!reader.complete()) {
        return tl::unexpected(damaged(path_, "its format is not readable"));
    }
    if (format > kFormat) {
        return fail(Errc::unsupported,
                    fmt::format("the store in {} has format {}, and this tocsin reads formats up to {}: use the version "
                                "that wrote it, or a newer one",
                                path_, format, kFormat));
    }
    return {};
}

Result<void> RocksStore::check_in_step() const {
    const auto at = position();
    const auto chunk = last<Chunk>(kLog);
    const auto row = last<OutboxRow>(kOutbox);
    if (!at || !chunk || !row) {
        return tl::unexpected(!at ? at.error() : !chunk ? chunk.error() : row.error());
    }
    const std::uint64_t records = *chunk ? (*chunk)->sequence + (*chunk)->records - 1 : 0;
    const std::uint64_t rows = *row ? (*row)->sequence : 0;
    if (records != at->records || rows != at->rows) {
        return tl::unexpected(damaged(
            path_, fmt::format("its position is record {} and alert {}, its log ends at record {} and its outbox at alert {}",
                               at->records, at->rows, records, rows)));
    }
    return {};
}

Result<std::optional<std::string>> RocksStore::get(Family family, std::string_view key) const {
    std::string value;
    const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), handles_[family], slice(key), &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    if (!status.ok()) {
        return tl::unexpected(error_of(path_, status));
    }
    return value;
}

template <class Item>
Result<void> RocksStore::each(Family family, std::string_view prefix, const std::function<Result<void>(const Item&)>& visit,
                              std::string_view from) const {
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions(), handles_[family]));
    Item item;
    for (at->Seek(slice(from.empty() ? prefix : from)); at->Valid() && at->key().starts_with(slice(prefix)); at->Next()) {
        if (!decode(view(at->key()), view(at->value()), item)) {
            return tl::unexpected(damaged(path_, "an entry is not readable"));
        }
        if (const auto visited = visit(item); !visited) {
            return visited;
        }
    }
    return at->status().ok() ? Result<void>{} : tl::unexpected(error_of(path_, at->status()));
}

template <class Item>
Result<std::optional<Item>> RocksStore::last(Family family) const {
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions(), handles_[family]));
    at->SeekToLast();
    if (!at->Valid()) {
        return at->status().ok() ? Result<std::optional<Item>>{} : tl::unexpected(error_of(path_, at->status()));
    }
    Item item;
    if (!decode(view(at->key()), view(at->value()), item)) {
        return tl::unexpected(damaged(path_, "an entry is not readable"));
    }
    return item;
}

Result<void> RocksStore::write(rocksdb::WriteBatch& batch, bool sync) {
    if (const auto room = writable(); !room) {
        return room;
    }
    rocksdb::WriteOptions options;
    options.sync = sync;
    const rocksdb::Status status = db_->Write(options, &batch);
    return status.ok() ? Result<void>{} : tl::unexpected(error_of(path_, status));
}

void RocksStore::put(rocksdb::WriteBatch& batch, Family family, std::string_view key, std::string_view value) const {
    // Adding to a batch fails only where a batch has a size limit, and ours has none.
    static_cast<void>(batch.Put(handles_[family], slice(key), slice(value)));
}

Result<Position> RocksStore::position() const {
    return get(kMeta, kPositionKey).and_then([&](const std::optional<std::string>& value) -> Result<Position> {
        Position position;
        if (!value || !decode(*value, position)) {
            return tl::unexpected(damaged(path_, "its position is not readable"));
        }
        return position;
    });
}

Result<void> RocksStore::commit(const Commit& commit) {
    rocksdb::WriteBatch batch;
    for (const Chunk& chunk : commit.chunks) {
        put(batch, kLog, sequence_key(chunk.sequence), encode(chunk));
    }
    for (const OutboxRow& row : commit.rows) {
        put(batch, kOutbox, sequence_key(row.sequence), encode(row));
        std::string ordinal;
        put_u32(ordinal, row.ordinal);
        put_u32(ordinal, row.shadow ? 1 : 0);
        put(batch, kShown, shown_key(row.alert, row.op), ordinal);
        for (const std::string& endpoint : commit.endpoints) {
            if (!row.shadow) {
                put(batch, kDeliveries, endpoint_key(endpoint, row.sequence),
                    encode(Delivery{endpoint, row.sequence, 0, commit.now_ms}));
            }
        }
    }
    put(batch, kMeta, kPositionKey, encode(commit.position));
    if (commit.deployment) {
        put(batch, kMeta, deployment_key(commit.deployment->number), encode(*commit.deployment));
    }
    return write(batch, true);
}

Result<void> RocksStore::each_chunk(const std::function<Result<void>(const Chunk&)>& visit) const {
    return each<Chunk>(kLog, "", visit);
}

Result<void> RocksStore::each_chunk_from(std::uint64_t sequence, const std::function<Result<void>(const Chunk&)>& visit) const {
    return each<Chunk>(kLog, "", visit, sequence_key(sequence));
}

/// By bisection: the wall clock rarely goes back, and where it did a chunk of about that time is as good.
Result<std::uint64_t> RocksStore::first_since(std::int64_t time_ms) const {
    const auto at = position();
    if (!at) {
        return tl::unexpected(at.error());
    }
    const std::unique_ptr<rocksdb::Iterator> chunks(db_->NewIterator(rocksdb::ReadOptions(), handles_[kLog]));
    std::uint64_t low = 1;  // every chunk that starts before it came earlier
    std::uint64_t high = at->records + 1;
    Chunk chunk;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        chunks->SeekForPrev(sequence_key(middle));
        if (!chunks->Valid()) {
            break;
        }
        if (!decode(view(chunks->key()), view(chunks->value()), chunk)) {
            return tl::unexpected(damaged(path_, "an entry is not readable"));
        }
        if (chunk.time_ms < time_ms) {
            low = chunk.sequence + chunk.records;
        } else {
            high = chunk.sequence;
        }
    }
    return chunks->status().ok() ? Result<std::uint64_t>(std::min(low, at->records + 1))
                                 : tl::unexpected(error_of(path_, chunks->status()));
}

Result<void> RocksStore::each_deployment(const std::function<Result<void>(const Deployment&)>& visit) const {
    return each<Deployment>(kMeta, kDeploymentPrefix, visit);
}

Result<std::optional<Deployment>> RocksStore::deployment(std::uint64_t number) const {
    const std::string key = deployment_key(number);
    return get(kMeta, key).and_then([&](const std::optional<std::string>& value) -> Result<std::optional<Deployment>> {
        if (!value) {
            return std::nullopt;
        }
        Deployment found;
        if (!decode(key, *value, found)) {
            return tl::unexpected(damaged(path_, fmt::format("deployment {} is not readable", number)));
        }
        return found;
    });
}

Result<std::uint32_t> RocksStore::shown(std::uint64_t alert, std::string_view op) const {
    return get(kShown, shown_key(alert, op)).map([](const std::optional<std::string>& value) {
        return value ? ByteReader(*value).u32() : 0U;
    });
}

Result<bool> RocksStore::shown_in_shadow(std::uint64_t alert, std::string_view op) const {
    return get(kShown, shown_key(alert, op)).map([](const std::optional<std::string>& value) {
        ByteReader reader(value ? std::string_view(*value) : std::string_view());
        static_cast<void>(reader.u32());
        return reader.u32() != 0;
    });
}

Result<std::uint64_t> RocksStore::size_bytes() const {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (fs::directory_iterator at(path_, error), end; !error && at != end; at.increment(error)) {
        // RocksDB removes files while we look.
        std::error_code gone;
        const std::uintmax_t size = at->file_size(gone);
        bytes += gone ? 0 : size;
    }
    return error ? fail(Errc::io, fmt::format("the store in {}: {}", path_, error.message())) : Result<std::uint64_t>(bytes);
}

Result<std::uint64_t> RocksStore::free_bytes() const {
    std::error_code error;
    const fs::space_info space = fs::space(path_, error);
    return error ? fail(Errc::io, fmt::format("the store in {}: {}", path_, error.message()))
                 : Result<std::uint64_t>(space.available);
}

Result<void> RocksStore::writable() const {
    return free_bytes().and_then([&](std::uint64_t bytes) -> Result<void> {
        return bytes > kReservedBytes ? Result<void>{}
                                      : fail(Errc::limit, fmt::format("the disk of {} has only {} bytes left", path_, bytes));
    });
}

Result<std::optional<OutboxRow>> RocksStore::row(std::uint64_t sequence) const {
    const std::string key = sequence_key(sequence);
    return get(kOutbox, key).and_then([&](const std::optional<std::string>& value) -> Result<std::optional<OutboxRow>> {
        if (!value) {
            return std::nullopt;
        }
        OutboxRow row;
        if (!decode(key, *value, row)) {
            return tl::unexpected(damaged(path_, fmt::format("alert {} is not readable", sequence)));
        }
        return row;
    });
}

Result<void> RocksStore::each_row(const std::function<Result<void>(const OutboxRow&)>& visit) const {
    return each<OutboxRow>(kOutbox, "", visit);
}

Result<std::vector<Delivery>> RocksStore::pending(std::string_view endpoint, std::uint64_t after, std::size_t most) const {
    std::vector<Delivery> result;
    const std::string prefix = endpoint_prefix(endpoint);
    // Without a bound, looking for the next row of an endpoint that has none walks over all that other endpoints took lately.
    const std::string last_key = endpoint_key(endpoint, std::numeric_limits<std::uint64_t>::max());
    const rocksdb::Slice bound(last_key);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &bound;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options, handles_[kDeliveries]));
    for (at->Seek(endpoint_key(endpoint, after + 1)); at->Valid() && at->key().starts_with(prefix) && result.size() < most;
         at->Next()) {
        Delivery delivery;
        if (!decode(view(at->key()), view(at->value()), delivery)) {
            return tl::unexpected(damaged(path_, "an entry is not readable"));
        }
        result.push_back(std::move(delivery));
    }
    return at->status().ok() ? Result<std::vector<Delivery>>(std::move(result)) : tl::unexpected(error_of(path_, at->status()));
}

Result<std::uint64_t> RocksStore::pending_count(std::string_view endpoint) const {
    std::uint64_t count = 0;
    return each<Delivery>(kDeliveries, endpoint_prefix(endpoint),
                          [&](const Delivery&) -> Result<void> {
                              ++count;
                              return {};
                          })
        .map([&] { return count; });
}

Result<std::vector<std::string>> RocksStore::endpoints_with_pending() const {
    std::vector<std::string> result;
    return each<Delivery>(kDeliveries, "",
                          [&](const Delivery& delivery) -> Result<void> {
                              if (result.empty() || result.back() != delivery.endpoint) {
                                  result.push_back(delivery.endpoint);
                              }
                              return {};
                          })
        .map([&] { return std::move(result); });
}

Result<void> RocksStore::delivered(std::string_view endpoint, const std::vector<std::uint64_t>& sequences,
                                   std::optional<std::string> note) {
    rocksdb::WriteBatch batch;
    for (const std::uint64_t sequence : sequences) {
        static_cast<void>(batch.Delete(handles_[kDeliveries], endpoint_key(endpoint, sequence)));
    }
    if (note) {
        put(batch, kMeta, kNotePrefix + std::string(endpoint), *note);
    }
    return write(batch, false);
}

Result<void> RocksStore::postpone(const Delivery& delivery) {
    rocksdb::WriteBatch batch;
    put(batch, kDeliveries, endpoint_key(delivery.endpoint, delivery.sequence), encode(delivery));
    return write(batch, false);
}

Result<void> RocksStore::give_up(const DeadLetter& letter) {
    const std::string key = endpoint_key(letter.endpoint, letter.sequence);
    rocksdb::WriteBatch batch;
    static_cast<void>(batch.Delete(handles_[kDeliveries], key));
    put(batch, kDead, key, encode(letter));
    return write(batch, false);
}

Result<std::string> RocksStore::note(std::string_view endpoint) const {
    return get(kMeta, kNotePrefix + std::string(endpoint)).map([](std::optional<std::string>&& value) {
        return std::move(value).value_or("");
    });
}

Result<std::vector<DeadLetter>> RocksStore::dead_letters() const {
    std::vector<DeadLetter> result;
    return each<DeadLetter>(kDead, "",
                            [&](const DeadLetter& letter) -> Result<void> {
                                result.push_back(letter);
                                return {};
                            })
        .map([&] { return std::move(result); });
}

Result<void> RocksStore::redrive(std::string_view endpoint, std::uint64_t sequence) {
    const std::string key = endpoint_key(endpoint, sequence);
    const auto found = get(kDead, key);
    if (!found) {
        return tl::unexpected(found.error());
    }
    if (!*found) {
        return fail(Errc::invalid, fmt::format("no dead letter {} of {}", sequence, endpoint));
    }
    rocksdb::WriteBatch batch;
    static_cast<void>(batch.Delete(handles_[kDead], key));
    put(batch, kDeliveries, key, encode(Delivery{std::string(endpoint), sequence, 0, 0}));
    return write(batch, true);
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& path, Access access) {
    auto store = std::make_unique<RocksStore>(path);
    return store->open(access).map([&]() -> std::unique_ptr<Store> { return std::move(store); });
}

}  // namespace tocsin::state
