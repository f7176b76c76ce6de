#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tocsin/delivery/transport.hpp>

namespace tocsin::test {

/// A wall clock that only moves when it is told to.
struct VirtualClock {
    delivery::WallTime now{std::chrono::seconds(1'767'225'600)};
    [[nodiscard]] delivery::Millis since_start() const { return now - delivery::WallTime(std::chrono::seconds(1'767'225'600)); }
};

struct VirtualCall {
    std::uint64_t number{0};
    delivery::Millis at{0};  ///< since the start
    std::map<std::string, std::string> headers;
    std::string url;
    std::string body;
};

/// What a receiver does with a call: an answer, after a time.
struct VirtualAnswer {
    delivery::Answer answer;
    delivery::Millis after{0};
};

inline VirtualAnswer answers(int status, delivery::Millis after = delivery::Millis(0)) {
    VirtualAnswer out;
    out.answer.status = status;
    out.after = after;
    return out;
}

/// Receivers in virtual time: waiting moves the clock to the end of the call that ends first.
class VirtualTransport final : public delivery::Transport {
public:
    /// What outlives the transport, which its endpoint owns.
    struct Record {
        std::vector<VirtualCall> calls;
        std::size_t under_way{0};
        std::size_t most_under_way{0};
    };
    using Receiver = std::function<VirtualAnswer(const VirtualCall&)>;
    VirtualTransport(VirtualClock& clock, Record& record, Receiver receiver)
        : clock_(clock), record_(record), receiver_(std::move(receiver)) {}

    void start(std::uint64_t number, delivery::Request request) override {
        VirtualCall call{
            number, clock_.since_start(), {request.headers.begin(), request.headers.end()}, request.url, request.body};
        const VirtualAnswer answer = receiver_(call);
        ends_.emplace(clock_.now + answer.after, delivery::Ended{number, answer.answer});
        record_.calls.push_back(std::move(call));
        record_.under_way = ends_.size();
        record_.most_under_way = std::max(record_.most_under_way, ends_.size());
    }
    [[nodiscard]] std::vector<delivery::Ended> wait(delivery::Millis limit) override {
        if (std::exchange(woken_, false)) {
            return {};
        }
        if (ends_.empty() || ends_.begin()->first > clock_.now + limit) {
            clock_.now += limit;
            return {};
        }
        clock_.now = std::max(clock_.now, ends_.begin()->first);
        std::vector<delivery::Ended> ended{ends_.begin()->second};
        ends_.erase(ends_.begin());
        record_.under_way = ends_.size();
        return ended;
    }
    void wake() override { woken_ = true; }

private:
    VirtualClock& clock_;
    Record& record_;
    Receiver receiver_;
    bool woken_{false};
    std::multimap<delivery::WallTime, delivery::Ended> ends_;
};

}  // namespace tocsin::test
