// The episodes of the monitoring scenario, and the values that are measured regularly. Each rule's near misses fail it by
// one thing only; what a rule asks for stands in rules/monitoring.
#include <algorithm>
#include <array>
#include <utility>

#include "monitoring.hpp"
#include "names.hpp"

namespace tocsin::streams {

using namespace std::chrono_literals;

namespace {

constexpr Duration kBeat = 2min;
constexpr Duration kLatencySample = 1min;
constexpr Duration kDiskSample = 5min;
constexpr std::int64_t kFullestInPeace = 7'800;  // hundredths of a percent
constexpr std::int64_t kAlarming = 9'000;

std::string gauge_name(std::string_view prefix, std::uint32_t number) { return std::string(prefix) + padded(number, 4); }

/// A value that goes up and down by less than a tenth around its home.
std::int64_t wandering(std::int64_t value, std::int64_t home, Random& random) {
    if (value > 2 * home) {
        return value * 8 / 10;
    }
    const std::int64_t low = value < home * 8 / 10 ? 1'000 : 920;
    const std::int64_t high = value > home * 13 / 10 ? 1'000 : 1'070;
    return value * random.between(low, high) / 1'000;
}

}  // namespace

std::span<const Monitoring::Plant> Monitoring::plants() {
    static constexpr std::array kPlants{&Monitoring::error_burst,       &Monitoring::deploy_then_errors,
                                        &Monitoring::service_flapping,  &Monitoring::order_without_payment,
                                        &Monitoring::heartbeat_missing, &Monitoring::rising_latency,
                                        &Monitoring::disk_filling};
    return kPlants;
}

void Monitoring::error_burst(EventTime now, Plot plot) {
    constexpr Duration kWithin = 30s;
    constexpr int kErrors = 10;
    enum : std::uint32_t { too_few, too_late, another_service, kVariants };
    const NearMiss is{plot, kVariants};
    const auto service = services_.reserve(random(), now, now + 3min);
    const auto other = services_.reserve(random(), now, now + 3min);
    if (!service || !other) {
        return;
    }
    const EventTime first = now + kWithin + random().between(1s, 60s);  // behind the noise of the service
    EventTime time = first;
    Episode episode;
    for (int i = 0; i < (is(too_few) ? kErrors - 1 : kErrors); ++i) {
        const bool last = i == kErrors - 1;
        const EventTime when = last && is(too_late) ? first + kWithin + kTooLate : time;
        episode.matched(
            request(when, last && is(another_service) ? *other : *service, 500 + static_cast<int>(random().below(4))));
        time = time + random().between(300ms, 3s);
    }
    std::move(episode).play(timeline(), plot, "error_burst", key_json({{"service", service_of(*service)}}));
}

void Monitoring::deploy_then_errors(EventTime now, Plot plot) {
    constexpr Duration kWithin = 10min;
    constexpr int kErrors = 5;
    enum : std::uint32_t { too_few, too_late, one_before, kVariants };
    const NearMiss is{plot, kVariants};
    const auto service = services_.reserve(random(), now, now + 13min);
    if (!service) {
        return;
    }
    const EventTime deployed = now + 30s + random().between(1s, 60s);
    Episode episode;
    if (is(one_before)) {
        episode.beside(request(deployed - 10s, *service, 502));
    }
    episode.matched(deploy(deployed, *service));
    EventTime time = deployed;
    for (int i = 0; i < (is(too_few) || is(one_before) ? kErrors - 1 : kErrors); ++i) {
        time = time + random().between(8s, 110s);
        const EventTime when = i == kErrors - 1 && is(too_late) ? deployed + kWithin + kTooLate : time;
        episode.matched(request(when, *service, 500 + static_cast<int>(random().below(4))));
    }
    std::move(episode).play(timeline(), plot, "deploy_then_errors", key_json({{"service", service_of(*service)}}));
}

void Monitoring::service_flapping(EventTime now, Plot plot) {
    constexpr Duration kWithin = 10min;
    constexpr int kTurns = 3;
    enum : std::uint32_t { too_few, too_late, another_instance, kVariants };
    const NearMiss is{plot, kVariants};
    const auto instance = checked_.reserve(random(), now, now + 25min);
    const auto other = checked_.reserve(random(), now, now + 25min);
    if (!instance || !other) {
        return;
    }
    const EventTime first = now + random().between(1s, 60s);
    EventTime time = first;
    Episode episode;
    for (int turn = 0; turn < (is(too_few) ? kTurns - 1 : kTurns); ++turn) {
        const bool last = turn == kTurns - 1;
        const std::uint32_t who = last && is(another_instance) ? *other : *instance;
        episode.matched(check(time, who, false));
        time = time + random().between(10s, 100s);
        episode.matched(check(last && is(too_late) ? first + kWithin + kTooLate : time, who, true));
        time = time + random().between(10s, 100s);
    }
    std::move(episode).play(timeline(), plot, "service_flapping", checked_key(*instance));
}

void Monitoring::order_without_payment(EventTime now, Plot plot) {
    constexpr Duration kWithin = 30min;
    const std::uint32_t number = orders_++;
    const std::int64_t total = 500 + random().exponential(6'000);
    const EventTime placed = now + random().between(1s, 60s);
    Episode episode;
    episode.matched(order(placed, number, total));
    if (!plot.incident) {
        episode.beside(
            paid(placed + kWithin - (plot.variant % 2 == 0 ? Duration{0} : random().between(1ms, 1s)), number, total));
    }
    std::move(episode).play(timeline(), plot, "order_without_payment", key_json({{"order_id", order_name(number)}}), kWithin);
}

void Monitoring::heartbeat_missing(EventTime now, Plot plot) {
    if (const auto instance = beating_.reserve(random(), now, now + 25min)) {
        silence_[*instance] = plot;
    }
}

void Monitoring::beat(EventTime now, std::uint32_t instance) {
    constexpr Duration kWithin = 5min;
    const std::string name = gauge_name("pod-", instance);
    const auto heartbeat_in = [&](std::string_view state) {
        return std::move(Record("Heartbeat", now).text("instance", name).text("state", state));
    };
    if (timeline().room() == 0) {
        timeline().write(heartbeat_in("stopping"));
        return;
    }
    const std::optional<Plot> silence = std::exchange(silence_[instance], std::nullopt);
    Duration pause = kBeat + random().between(Duration{0}, 10s);
    std::optional<Part> part;
    if (silence && silence->incident) {
        pause = kWithin + kTooLate + random().between(Duration{0}, 10min);
        part = Part{timeline().incident("heartbeat_missing", key_json({{"instance", name}}), now + kWithin, 1), 0};
    } else if (silence) {
        pause = kWithin - (silence->variant % 2 == 0 ? Duration{0} : random().between(1ms, 1s));
    }
    timeline().write(heartbeat_in("ok"), part);
    timeline().wake_at(now + pause, {heartbeat, instance});
}

void Monitoring::rising_latency(EventTime now, Plot plot) {
    if (const auto service = measured_.reserve(random(), now, now + 25min)) {
        const bool one_step_less = !plot.incident && plot.variant % 2 == 0;
        latencies_[*service].climb = Climb{plot, 0, one_step_less ? 4u : 5u, {}, 0};
    }
}

std::int64_t Monitoring::next_latency(Gauge& gauge) {
    if (!gauge.climb || gauge.climb->step == 0) {
        return wandering(gauge.value, gauge.home, random());
    }
    const bool small_steps = !gauge.climb->plot.incident && gauge.climb->plot.variant % 2 == 1;
    return gauge.value * (small_steps ? random().between(1'110, 1'150) : random().between(1'250, 1'400)) / 1'000;
}

void Monitoring::measure_latency(EventTime now, std::uint32_t service) {
    Gauge& gauge = latencies_[service];
    gauge.value = next_latency(gauge);
    const std::string name = gauge_name("svc-", service);
    write_sample(std::move(Record("Latency", now).text("service", name).hundredths("p99_ms", gauge.value)), gauge,
                 "rising_latency", key_json({{"service", name}}), kLatencySample);
    if (timeline().room() > 0) {
        timeline().wake_at(now + kLatencySample, {latency, service});
    }
}

void Monitoring::disk_filling(EventTime now, Plot plot) {
    const auto host = disks_.reserve(random(), now, now + 1h);
    if (!host) {
        return;
    }
    const bool one_step_less = !plot.incident && plot.variant % 2 == 0;
    fill_[*host].climb = Climb{plot, 0, one_step_less ? 3u : 4u, {}, 0};
}

std::int64_t Monitoring::next_disk(Gauge& gauge) {
    if (gauge.value > kFullestInPeace) {
        const bool climbing = gauge.climb && gauge.climb->step > 0;
        if (!climbing) {
            return gauge.home;  // somebody cleaned up
        }
    }
    if (!gauge.climb || gauge.climb->step == 0) {
        return gauge.value + random().between(-30, 50);
    }
    Climb& climb = *gauge.climb;
    constexpr std::int64_t kLeastClimb = 930;  // three steps of more than three points
    if (climb.step == 1) {
        const bool alarming = climb.plot.incident || climb.steps == 3;
        climb.target = alarming ? random().between(kAlarming + 50, kAlarming + 600)
                                : random().between(gauge.value + kLeastClimb, kAlarming - 20);
    }
    return gauge.value + (climb.target - gauge.value) / (climb.steps - climb.step);
}

void Monitoring::measure_disk(EventTime now, std::uint32_t host) {
    Gauge& gauge = fill_[host];
    gauge.value = next_disk(gauge);
    const std::string name = gauge_name("db-", host);
    write_sample(
        std::move(Record("DiskUsage", now).text("host", name).text("mount", "/var").hundredths("used_pct", gauge.value)), gauge,
        "disk_filling", key_json({{"host", name}, {"mount", "/var"}}), kDiskSample);
    if (timeline().room() > 0) {
        timeline().wake_at(now + kDiskSample, {disk, host});
    }
}

void Monitoring::write_sample(Record record, Gauge& gauge, std::string_view rule, std::string key, Duration period) {
    std::optional<Part> part;
    if (gauge.climb) {
        Climb& climb = *gauge.climb;
        if (climb.plot.incident && climb.step == 0) {
            climb.incident = timeline().incident(rule, std::move(key), record.time() + period * (climb.steps - 1), climb.steps);
        }
        if (climb.incident) {
            part = Part{*climb.incident, climb.step};
        }
        if (++climb.step == climb.steps) {
            gauge.climb.reset();
        }
    }
    timeline().write(std::move(record), part);
}

}  // namespace tocsin::streams
