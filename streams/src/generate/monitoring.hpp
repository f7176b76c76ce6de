#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario.hpp"

namespace tocsin::streams {

/// Services, their instances, disks and orders. What the rules of rules/monitoring must find, and what they must not.
///
/// Noise is built so that it cannot match: a service's errors are five seconds apart; an instance goes down once in ten
/// minutes; latency never rises by a tenth from sample to sample, a disk by no more than half a point; heartbeats come every
/// two minutes, and each instance says that it is stopping before the stream ends; all orders are paid. Services and
/// instances in an episode make no other trouble.
class Monitoring final : public PlantedScenario<Monitoring> {
public:
    Monitoring(const GenerateSpec& spec, Pace pace, Random& random, Timeline& timeline);
    void start(EventTime now) override;
    void background(EventTime now) override;
    [[nodiscard]] static std::span<const Plant> plants();
    void wake(EventTime now, Wake wake) override;

private:
    enum Regular : std::uint32_t { heartbeat, latency, disk };

    /// A climb of a measured value: which samples are still to come, and the incident that they are part of.
    struct Climb {
        Plot plot;
        std::uint32_t step{0};  ///< samples of it written
        std::uint32_t steps{0};  ///< of them there are
        std::optional<IncidentId> incident;
        std::int64_t target{0};  ///< of a disk
    };
    struct Gauge {
        std::int64_t value{0};
        std::int64_t home{0};
        std::optional<Climb> climb;
    };

    void error_burst(EventTime now, Plot plot);
    void deploy_then_errors(EventTime now, Plot plot);
    void service_flapping(EventTime now, Plot plot);
    void order_without_payment(EventTime now, Plot plot);
    void heartbeat_missing(EventTime now, Plot plot);
    void rising_latency(EventTime now, Plot plot);
    void disk_filling(EventTime now, Plot plot);

    void noise_request(EventTime now);
    void noise_check(EventTime now);
    void noise_order(EventTime now);
    void noise_deploy(EventTime now);

    void beat(EventTime now, std::uint32_t instance);
    void measure_latency(EventTime now, std::uint32_t service);
    void measure_disk(EventTime now, std::uint32_t host);
    [[nodiscard]] std::int64_t next_latency(Gauge& gauge);
    [[nodiscard]] std::int64_t next_disk(Gauge& gauge);
    /// Writes a sample of a gauge whose climb may be under way; the samples come `period` apart.
    void write_sample(Record record, Gauge& gauge, std::string_view rule, std::string key, Duration period);

    [[nodiscard]] Record request(EventTime time, std::uint32_t service, int status);
    [[nodiscard]] Record deploy(EventTime time, std::uint32_t service);
    [[nodiscard]] Record check(EventTime time, std::uint32_t instance, bool up);
    [[nodiscard]] Record order(EventTime time, std::uint32_t number, std::int64_t total);
    [[nodiscard]] Record paid(EventTime time, std::uint32_t number, std::int64_t total);

    [[nodiscard]] static std::string service_of(std::uint32_t service);
    [[nodiscard]] static std::string checked_key(std::uint32_t instance);
    [[nodiscard]] static std::string order_name(std::uint32_t number);

    Pool services_;
    Pool checked_;  ///< instances with health checks
    Pool beating_;  ///< instances with heartbeats
    Pool measured_;  ///< services whose latency is measured
    Pool disks_;
    std::vector<EventTime> last_error_;  ///< by service
    std::vector<std::optional<Plot>> silence_;  ///< by instance: one that is about to begin
    std::vector<Gauge> latencies_;
    std::vector<Gauge> fill_;
    std::uint32_t orders_{0};
};

}  // namespace tocsin::streams
