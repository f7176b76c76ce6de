#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/event/batch.hpp>

namespace tocsin::cli {

/// Records that could not be read, said on standard error: the first Limits::reported_records one by one, the others as a
/// count at the end. Owned by one thread.
class RecordErrors {
public:
    RecordErrors(bool strict, const Limits& limits) : strict_(strict), most_(limits.reported_records) {}

    /// `before_each` is called before a line is written. Strict: the first one is an Error.
    template <class BeforeEach>
    [[nodiscard]] Result<void> take(const std::string& input, const std::vector<event::RecordError>& errors,
                                    BeforeEach before_each) {
        for (const event::RecordError& error : errors) {
            if (strict_) {
                return fail(Errc::bad_data, text(input, error));
            }
            if (reported_ < most_) {
                before_each();
                say(input, error);
                ++reported_;
            } else {
                ++unreported_;
            }
        }
        return {};
    }
    [[nodiscard]] Result<void> take(const std::string& input, const std::vector<event::RecordError>& errors) {
        return take(input, errors, [] {});
    }
    /// The count of those that were not said.
    void finish() const;

private:
    [[nodiscard]] static std::string text(const std::string& input, const event::RecordError& error);
    static void say(const std::string& input, const event::RecordError& error);

    bool strict_;
    std::size_t most_;
    std::size_t reported_{0};
    std::size_t unreported_{0};
};

}  // namespace tocsin::cli
