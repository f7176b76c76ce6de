#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::test {

/// The rules of a text, compiled. Fails the test with the diagnostics drawn if they are wrong.
[[nodiscard]] std::shared_ptr<const plan::Program> compile(const std::string& rules);
/// The rules of files and folders, as a command would load them.
[[nodiscard]] std::shared_ptr<const plan::Program> compile_paths(const std::vector<std::filesystem::path>& paths);

struct ReplayOptions {
    std::size_t batch{4096};  ///< records that go to the engine at once, at most
    unsigned threads{1};
    std::string input{"input"};     ///< what the input of replay_text is called
};

struct Replayed {
    std::vector<alerts::Output> output;
    engine::Counters counters;
    engine::Engine::StateSize left;  ///< what is held after the end

    [[nodiscard]] std::vector<alerts::Alert> alerts() const;
    [[nodiscard]] std::vector<alerts::LateRecord> late() const;
    /// All of it as the command writes it.
    [[nodiscard]] std::string ndjson() const;
};

/// Replays one input given as a text.
[[nodiscard]] Replayed replay_text(const std::shared_ptr<const plan::Program>& program, const std::string& ndjson,
                                   const ReplayOptions& options = {});
/// Replays files, merged by event time, to the end.
[[nodiscard]] Replayed replay_files(const std::shared_ptr<const plan::Program>& program,
                                    const std::vector<std::filesystem::path>& files, const ReplayOptions& options = {});

/// A field of an event of an alert as JSON, `null` if the event lacks it.
[[nodiscard]] std::string field(const alerts::AlertEvent& event, std::string_view name);
/// The field of all events of an alert, in the order of steps and events.
[[nodiscard]] std::vector<std::string> fields(const alerts::Alert& alert, std::string_view name);
/// The offsets of all events of an alert, in ascending order.
[[nodiscard]] std::vector<std::uint64_t> offsets(const alerts::Alert& alert);

/// A file of the shared folder (recorded data, conformance cases), which stands beside the checkout or where the
/// environment's TOCSIN_SHARED_DIR says. Nothing if it is not there, which is said on standard output.
[[nodiscard]] std::optional<std::filesystem::path> shared_file(const std::string& path);

}  // namespace tocsin::test
