#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

#include <fmt/format.h>

#include <tocsin/state/store.hpp>

#include "encoding.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::state {
namespace {

namespace fs = std::filesystem;

/// The commit number n, from 1: two records and one alert.
Commit commit_number(std::uint64_t n) {
    Commit commit;
    commit.chunks = {{2 * n - 1, "events", 2 * n - 1, 2, fmt::format("{{\"n\":{}}}\n{{}}\n", n)}};
    commit.rows = {{n, n * 1000, "alert", 1, "rule", fmt::format("{{\"alert\":{}}}", n), false}};
    commit.endpoints = {"hook", "file"};
    commit.now_ms = static_cast<std::int64_t>(n);
    commit.position = {2 * n, n, {{"events", 2 * n}}, "hash", n, n * 7};
    return commit;
}

std::unique_ptr<Store> open_or_fail(const std::string& path, Access access = Access::write) {
    auto store = open_store(path, access);
    INFO((store ? "" : store.error().message));
    REQUIRE(store.has_value());
    return std::move(*store);
}

std::vector<Chunk> chunks_of(const Store& store) {
    std::vector<Chunk> chunks;
    REQUIRE(store
                .each_chunk([&](const Chunk& chunk) -> Result<void> {
                    chunks.push_back(chunk);
                    return {};
                })
                .has_value());
    return chunks;
}

/// The store is that after some commit, and not a mixture. Gives which.
std::uint64_t check_is_after_some_commit(const Store& store) {
    const auto position = store.position();
    REQUIRE(position.has_value());
    const std::uint64_t n = position->rows;
    CHECK(*position == (n == 0 ? Position{} : commit_number(n).position));
    CHECK(chunks_of(store).size() == n);
    const auto pending = store.pending("hook");
    REQUIRE(pending.has_value());
    CHECK(pending->size() == n);
    CHECK(store.row(n + 1).value() == std::nullopt);
    return n;
}

TEST_CASE("what was committed is there after the store was opened again") {
    const test::TemporaryFolder folder;
    const std::string path = folder.path("data");
    {
        const auto store = open_or_fail(path);
        CHECK(store->position().value() == Position{});
        for (std::uint64_t n = 1; n <= 3; ++n) {
            REQUIRE(store->commit(commit_number(n)).has_value());
        }
    }
    const auto store = open_or_fail(path);
    CHECK(check_is_after_some_commit(*store) == 3);
    const std::vector<Chunk> chunks = chunks_of(*store);
    CHECK(chunks[1].sequence == 3);
    CHECK(chunks[1].lines == "{\"n\":2}\n{}\n");
    const auto row = store->row(2).value();
    REQUIRE(row.has_value());
    CHECK(row->body == "{\"alert\":2}");
    CHECK(store->shown(2000, "alert").value() == 1);
    CHECK(store->shown(2000, "retract").value() == 0);
    CHECK(store->size_bytes().value() > 0);
}

TEST_CASE("a delivery is pending until it was taken, put off or given up; a dead letter can be driven again") {
    const test::TemporaryFolder folder;
    const auto store = open_or_fail(folder.path("data"));
    for (std::uint64_t n = 1; n <= 3; ++n) {
        REQUIRE(store->commit(commit_number(n)).has_value());
    }
    REQUIRE(store->delivered("hook", {1}, "note").has_value());
    CHECK(store->note("hook").value() == "note");
    CHECK(store->note("file").value().empty());
    REQUIRE(store->postpone({"hook", 2, 4, 99}).has_value());
    REQUIRE(store->give_up({"hook", 3, 9, 100, "status 500"}).has_value());
    const auto pending = store->pending("hook").value();
    REQUIRE(pending.size() == 1);
    CHECK(pending[0].sequence == 2);
    CHECK(pending[0].tries == 4);
    CHECK(pending[0].due_ms == 99);
    CHECK(store->pending("file").value().size() == 3);
    CHECK(store->endpoints_with_pending().value() == std::vector<std::string>{"file", "hook"});
    const auto dead = store->dead_letters().value();
    REQUIRE(dead.size() == 1);
    CHECK(dead[0].reason == "status 500");
    CHECK_FALSE(store->redrive("hook", 2).has_value());
    REQUIRE(store->redrive("hook", 3).has_value());
    CHECK(store->dead_letters().value().empty());
    CHECK(store->pending("hook").value().size() == 2);
}

TEST_CASE("what waits for an endpoint is read in pages, each behind the last row of the one before") {
    const test::TemporaryFolder folder;
    const auto store = open_or_fail(folder.path("store"));
    for (std::uint64_t n = 1; n <= 5; ++n) {
        REQUIRE(store->commit(commit_number(n)).has_value());
    }
    REQUIRE(store->delivered("hook", {2}, std::nullopt).has_value());
    const auto sequences = [&](std::uint64_t after, std::size_t most) {
        std::vector<std::uint64_t> out;
        const auto found = store->pending("hook", after, most).value();
        for (const Delivery& delivery : found) {
            out.push_back(delivery.sequence);
        }
        return out;
    };
    CHECK(sequences(0, 2) == std::vector<std::uint64_t>{1, 3});
    CHECK(sequences(3, 2) == std::vector<std::uint64_t>{4, 5});
    CHECK(sequences(5, 2).empty());
    CHECK(store->pending_count("hook").value() == 4);
    CHECK(store->pending_count("file").value() == 5);
    CHECK(store->pending_count("other").value() == 0);
}

TEST_CASE("rows of shadow rules are kept and pending for nobody") {
    const test::TemporaryFolder folder;
    const auto store = open_or_fail(folder.path("data"));
    Commit commit = commit_number(1);
    commit.rows[0].shadow = true;
    REQUIRE(store->commit(commit).has_value());
    CHECK(store->row(1).value().has_value());
    CHECK(store->endpoints_with_pending().value().empty());
}

TEST_CASE("one endpoint's name may be the beginning of another's") {
    const test::TemporaryFolder folder;
    const auto store = open_or_fail(folder.path("data"));
    Commit commit = commit_number(1);
    commit.endpoints = {"a", "ab", "a-"};
    REQUIRE(store->commit(commit).has_value());
    CHECK(store->pending("a").value().size() == 1);
    REQUIRE(store->delivered("a", {1}, std::nullopt).has_value());
    CHECK(store->endpoints_with_pending().value().size() == 2);
}

TEST_CASE("wherever the last write was cut off, the store is that before it or that after it") {
    const test::TemporaryFolder folder;
    const std::string path = folder.path("data");
    {
        const auto store = open_or_fail(path);
        for (std::uint64_t n = 1; n <= 4; ++n) {
            REQUIRE(store->commit(commit_number(n)).has_value());
        }
    }
    std::string log;
    for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
        if (entry.path().extension() == ".log" && entry.file_size() > 0) {
            log = entry.path().filename().string();
        }
    }
    REQUIRE_FALSE(log.empty());
    const auto size = fs::file_size(fs::path(path) / log);
    std::set<std::uint64_t> seen;
    std::uint64_t before = 0;
    for (std::uintmax_t length = size / 4; length <= size; length += 7) {
        const std::string copy = folder.path("copy");
        fs::remove_all(copy);
        fs::copy(path, copy);
        fs::resize_file(fs::path(copy) / log, length);
        const auto store = open_or_fail(copy);
        const std::uint64_t n = check_is_after_some_commit(*store);
        CHECK(n >= before);
        before = n;
        seen.insert(n);
        // What was cut off is written again, and stays.
        REQUIRE(store->commit(commit_number(n + 1)).has_value());
    }
    CHECK(seen.size() >= 3);
}

TEST_CASE("a flipped bit is refused, or it hit nothing that counts") {
    const test::TemporaryFolder folder;
    const std::string path = folder.path("data");
    {
        // Closed and opened again, so that the first commits are in a file of their own.
        auto store = open_or_fail(path);
        for (std::uint64_t n = 1; n <= 4; ++n) {
            REQUIRE(store->commit(commit_number(n)).has_value());
        }
        store.reset();
        store = open_or_fail(path);
        for (std::uint64_t n = 5; n <= 8; ++n) {
            REQUIRE(store->commit(commit_number(n)).has_value());
        }
    }
    const std::uint32_t seed = 20261123;
    std::mt19937 random(seed);
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
        const std::string extension = entry.path().extension().string();
        if ((extension == ".log" || extension == ".sst") && entry.file_size() > 0) {
            files.push_back(entry.path().filename());
        }
    }
    REQUIRE(files.size() >= 2);
    std::size_t refused = 0;
    for (int i = 0; i < 150; ++i) {
        const fs::path& file = files[random() % files.size()];
        const std::string copy = folder.path("copy");
        fs::remove_all(copy);
        fs::copy(path, copy);
        std::fstream bytes(fs::path(copy) / file, std::ios::in | std::ios::out | std::ios::binary);
        const auto place = static_cast<std::streamoff>(random() % fs::file_size(fs::path(copy) / file));
        bytes.seekg(place);
        const int byte = bytes.get();
        bytes.seekp(place);
        bytes.put(static_cast<char>(byte ^ (1 << (random() % 8))));
        bytes.close();
        INFO(file << " byte " << place << ", seed " << seed);
        const auto store = open_store(copy, Access::write);
        if (!store) {
            CHECK_THAT(store.error().message, Catch::Contains("damaged"));
            ++refused;
            continue;
        }
        // What can be read is right; what cannot is an error.
        std::uint64_t next = 1;
        const auto read = (*store)->each_chunk([&](const Chunk& chunk) -> Result<void> {
            const Chunk expected = commit_number(next++).chunks[0];
            CHECK(chunk.sequence == expected.sequence);
            CHECK(chunk.lines == expected.lines);
            return {};
        });
        if (!read || !(*store)->pending("hook")) {
            CHECK_THAT((read ? (*store)->pending("hook").error() : read.error()).message, Catch::Contains("damaged"));
            ++refused;
            continue;
        }
        const std::uint64_t n = check_is_after_some_commit(**store);
        CHECK(n >= 4);
    }
    CHECK(refused > 20);
}

TEST_CASE("a store of a newer version, one without its files and a folder of something else are refused with what to do") {
    const test::TemporaryFolder folder;
    const auto refusal = [](const std::string& path, Access access = Access::write) {
        const auto store = open_store(path, access);
        return store ? std::string() : store.error().message;
    };
    CHECK_THAT(refusal(folder.path("none"), Access::read), Catch::StartsWith("no store in "));

    const std::string other = folder.path("other");
    fs::create_directory(other);
    std::ofstream(fs::path(other) / "letter.txt") << "dear";
    CHECK_THAT(refusal(other), Catch::Contains("holds files, but no store"));

    const std::string path = folder.path("data");
    {
        auto store = open_or_fail(path);
        REQUIRE(store->commit(commit_number(1)).has_value());
        CHECK_THAT(refusal(path), Catch::EndsWith("is in use by another process"));
        CHECK(open_or_fail(path, Access::read)->position().value().rows == 1);
    }
    const std::string gone = folder.path("gone");
    fs::copy(path, gone);
    for (const fs::directory_entry& entry : fs::directory_iterator(gone)) {
        if (entry.path().filename().string().starts_with("MANIFEST")) {
            fs::remove(entry.path());
        }
    }
    CHECK_THAT(refusal(gone), Catch::Contains("damaged") && Catch::Contains("Restore the folder from a backup"));
}

TEST_CASE("what is encoded is decoded, and bytes that are cut off are nothing") {
    const Position position{1, 2, {{"a", 3}, {"b", 4}}, "hash", 5, 6};
    Position read;
    const std::string bytes = encode(position);
    REQUIRE(decode(bytes, read));
    CHECK(read == position);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        CHECK_FALSE(decode(bytes.substr(0, length), read));
    }
    CHECK_FALSE(decode(bytes + "x", read));

    OutboxRow row;
    const OutboxRow written{7, 8, "retract", 2, "rule", "{}", true};
    REQUIRE(decode(sequence_key(7), encode(written), row));
    CHECK(row.sequence == 7);
    CHECK(row.op == "retract");
    CHECK(row.ordinal == 2);
    CHECK(row.shadow);
    const std::string of_row = encode(written);
    for (std::size_t length = 0; length < of_row.size(); ++length) {
        CHECK_FALSE(decode(sequence_key(7), of_row.substr(0, length), row));
    }
}

Deployment deployment_number(std::uint64_t number) {
    Deployment deployment;
    deployment.number = number;
    deployment.time_ms = 17;
    deployment.records = number;
    deployment.by = "ann";
    deployment.note = "why";
    deployment.origin = Deployment::Origin::rollback;
    deployment.of = 1;
    deployment.hash = "00ff";
    deployment.inputs = {"events", "other"};
    deployment.suspended = {"bad"};
    deployment.rules = {{"r", 7, 8, 9, DeployedRule::Outcome::filled, "new"},
                        {"s", 1, 2, 3, DeployedRule::Outcome::removed, ""}};
    deployment.texts = {{"a.tocsin", "rule r"}, {"list.txt", "x\n", true}};
    return deployment;
}

TEST_CASE("a deployment is encoded and decoded as a whole, and bytes that are cut off or wrong are nothing") {
    const Deployment written = deployment_number(300);
    const std::string bytes = encode(written);
    Deployment read;
    REQUIRE(decode(deployment_key(300), bytes, read));
    CHECK(read == written);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        CHECK_FALSE(decode(deployment_key(300), bytes.substr(0, length), read));
    }
    CHECK_FALSE(decode(deployment_key(300), bytes + "x", read));
    std::string other_origin = bytes;
    other_origin[19] = 9;
    CHECK_FALSE(decode(deployment_key(300), other_origin, read));
}

TEST_CASE("deployments are committed with the position, and read back in order") {
    const test::TemporaryFolder folder;
    {
        const auto store = open_or_fail(folder.path("data"));
        CHECK(store->deployment(1).value() == std::nullopt);
        for (const std::uint64_t number : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{300}}) {
            Commit commit;
            commit.position.rules = "hash" + std::to_string(number);
            commit.deployment = deployment_number(number);
            REQUIRE(store->commit(commit).has_value());
        }
    }
    const auto store = open_or_fail(folder.path("data"));
    CHECK(store->position().value().rules == "hash300");
    std::vector<std::uint64_t> numbers;
    REQUIRE(store
                ->each_deployment([&](const Deployment& one) -> Result<void> {
                    numbers.push_back(one.number);
                    return {};
                })
                .has_value());
    CHECK(numbers == std::vector<std::uint64_t>{1, 2, 300});
    CHECK(store->deployment(2).value() == deployment_number(2));
}

TEST_CASE("the log is read from a record on, and records are found by the time at which they came") {
    const test::TemporaryFolder folder;
    const auto store = open_or_fail(folder.path("data"));
    CHECK(store->first_since(0).value() == 1);
    for (std::uint64_t n = 1; n <= 20; ++n) {
        Commit commit = commit_number(n);
        commit.chunks[0].time_ms = static_cast<std::int64_t>(100 * n);
        REQUIRE(store->commit(commit).has_value());
    }
    std::vector<std::uint64_t> chunks;
    REQUIRE(store
                ->each_chunk_from(35,
                                  [&](const Chunk& chunk) -> Result<void> {
                                      chunks.push_back(chunk.sequence);
                                      return {};
                                  })
                .has_value());
    CHECK(chunks == std::vector<std::uint64_t>{35, 37, 39});
    for (std::uint64_t n = 1; n <= 20; ++n) {
        CHECK(store->first_since(static_cast<std::int64_t>(100 * n)).value() == 2 * n - 1);
        CHECK(store->first_since(static_cast<std::int64_t>(100 * n - 99)).value() == 2 * n - 1);
    }
    CHECK(store->first_since(2001).value() == 41);
}

TEST_CASE("the store knows of an alert's last row whether its rule was in shadow mode") {
    const test::TemporaryFolder folder;
    const auto store = open_or_fail(folder.path("data"));
    CHECK_FALSE(store->shown_in_shadow(1000, "alert").value());
    REQUIRE(store->commit(commit_number(1)).has_value());
    CHECK_FALSE(store->shown_in_shadow(1000, "alert").value());
    Commit commit = commit_number(2);
    commit.rows[0].shadow = true;
    REQUIRE(store->commit(commit).has_value());
    CHECK(store->shown_in_shadow(2000, "alert").value());
    CHECK(store->shown(2000, "alert").value() == 1);
}

TEST_CASE("keys stand in the order of their numbers") {
    CHECK(sequence_key(255) < sequence_key(256));
    CHECK(endpoint_key("a", 255) < endpoint_key("a", 256));
    CHECK(endpoint_key("a", 1).starts_with(endpoint_prefix("a")));
    CHECK_FALSE(endpoint_key("ab", 1).starts_with(endpoint_prefix("a")));
}

TEST_CASE("copies of a row share their id, and an alert that came again has another") {
    OutboxRow row{1, 0x5f3a, "alert", 1, "r", "{}", false};
    CHECK(delivery_id(row) == "0000000000005f3a.alert");
    row.ordinal = 2;
    CHECK(delivery_id(row) == "0000000000005f3a.alert.2");
}

}  // namespace
}  // namespace tocsin::state
