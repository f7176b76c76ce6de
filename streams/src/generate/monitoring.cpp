#include "monitoring.hpp"

#include <algorithm>
#include <array>

#include "names.hpp"

namespace tocsin::streams {

using namespace std::chrono_literals;

namespace {

constexpr Duration kBeat = 2min;
constexpr Duration kLatencySample = 1min;
constexpr Duration kDiskSample = 5min;
constexpr Duration kErrorGap = 5s;
constexpr Duration kFlapGap = 11min;
constexpr Duration kAfterDeploy = 11min;

/// So many instances that report every `period` that they make `percent` of all events.
std::uint32_t reporting(std::uint64_t events, Pace pace, Duration period, std::uint64_t percent) {
    const auto each = static_cast<std::uint64_t>(pace.span / period);
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(3, events * percent / 100 / std::max<std::uint64_t>(1, each)));
}

std::string checked_name(std::string_view service, std::uint32_t instance) {
    return std::string(service) + "-" + std::to_string(instance % 3);
}

}  // namespace

std::string Monitoring::service_of(std::uint32_t service) {
    constexpr std::array<std::string_view, 12> kNames{"cart",    "search", "login",   "catalog", "payment", "mail",
                                                      "billing", "stock",  "profile", "images",  "reports", "gateway"};
    const std::string name(kNames[service % kNames.size()]);
    return service < kNames.size() ? name : name + "-" + std::to_string(service / kNames.size());
}

std::string Monitoring::checked_key(std::uint32_t instance) {
    const std::string service = service_of(instance / 3);
    return key_json({{"service", service}, {"instance", checked_name(service, instance)}});
}

std::string Monitoring::order_name(std::uint32_t number) { return "o" + ten_digits(number); }

Monitoring::Monitoring(const GenerateSpec& spec, Pace pace, Random& random, Timeline& timeline)
    : PlantedScenario(random, timeline),
      services_(population(spec.events, 200, 16, 600)),
      checked_(population(spec.events, 100, 24, 2'400)),
      beating_(reporting(spec.events, pace, kBeat, 18)),
      measured_(reporting(spec.events, pace, kLatencySample, 15)),
      disks_(reporting(spec.events, pace, kDiskSample, 8)),
      last_error_(services_.size(), EventTime::lowest()),
      silence_(beating_.size()) {
    for (std::uint32_t i = 0; i < measured_.size(); ++i) {
        const std::int64_t home = random.between(5'000, 30'000);  // hundredths of a millisecond
        latencies_.push_back({home, home, {}});
    }
    for (std::uint32_t i = 0; i < disks_.size(); ++i) {
        const std::int64_t home = random.between(2'000, 7'000);  // hundredths of a percent
        fill_.push_back({home, home, {}});
    }
}

void Monitoring::start(EventTime now) {
    const auto spread = [&](std::uint32_t size, Regular what, Duration period) {
        for (std::uint32_t who = 0; who < size; ++who) {
            timeline().wake_at(now + random().between(Duration{0}, period), {what, who});
        }
    };
    spread(beating_.size(), heartbeat, kBeat);
    spread(measured_.size(), latency, kLatencySample);
    spread(disks_.size(), disk, kDiskSample);
}

Record Monitoring::request(EventTime time, std::uint32_t service, int status) {
    constexpr std::array<std::string_view, 6> kPaths{"/",           "/api/items", "/api/session",
                                                     "/api/basket", "/health",    "/static/app.js"};
    return std::move(Record("Request", time)
                         .text("service", service_of(service))
                         .text("path", kPaths[random().skewed(kPaths.size())])
                         .number("status", status)
                         .hundredths("took_ms", 200 + random().exponential(4'000)));
}

Record Monitoring::deploy(EventTime time, std::uint32_t service) {
    const std::string major = "1." + std::to_string(random().below(40));
    return std::move(Record("Deploy", time)
                         .text("service", service_of(service))
                         .text("version", major + "." + std::to_string(random().below(9)))
                         .text("author", user_name(random().below(40))));
}

Record Monitoring::check(EventTime time, std::uint32_t instance, bool up) {
    const std::string service = service_of(instance / 3);
    return std::move(Record("HealthCheck", time)
                         .text("service", service)
                         .text("instance", checked_name(service, instance))
                         .text("state", up ? "up" : "down"));
}

Record Monitoring::order(EventTime time, std::uint32_t number, std::int64_t total) {
    return std::move(Record("OrderPlaced", time)
                         .text("order_id", order_name(number))
                         .text("customer", user_name(static_cast<std::uint32_t>(Random::mixed(number) % 20'000)))
                         .hundredths("total", total));
}

Record Monitoring::paid(EventTime time, std::uint32_t number, std::int64_t total) {
    return std::move(Record("OrderPaid", time).text("order_id", order_name(number)).hundredths("amount", total));
}

void Monitoring::noise_request(EventTime now) {
    const std::uint32_t service = random().skewed(services_.size());
    const bool may_fail = !services_.busy(service, now) && last_error_[service] + kErrorGap < now;
    const bool fails = may_fail && random().percent(3);
    if (fails) {
        last_error_[service] = now;
    }
    constexpr std::array<int, 4> kAnswers{200, 200, 304, 404};
    timeline().write(request(now, service, fails ? 500 + static_cast<int>(random().below(4)) : kAnswers[random().skewed(4)]));
}

void Monitoring::noise_check(EventTime now) {
    const auto instance = checked_.pick(random(), now);
    const bool goes_down = instance && timeline().room() > 0 && random().percent(3);
    timeline().write(check(now, instance ? *instance : checked_.fresh(), !goes_down));
    if (goes_down) {
        timeline().add(check(now + random().between(20s, 60s), *instance, true));
        checked_.occupy(*instance, now + kFlapGap);
    }
}

void Monitoring::noise_order(EventTime now) {
    if (timeline().room() == 0) {
        noise_request(now);
        return;
    }
    const std::uint32_t number = orders_++;
    const std::int64_t total = 500 + random().exponential(6'000);
    timeline().write(order(now, number, total));
    timeline().add(paid(now + random().between(5s, 12min), number, total));
}

void Monitoring::noise_deploy(EventTime now) {
    const auto service = services_.pick(random(), now);
    if (service) {
        services_.occupy(*service, now + kAfterDeploy);
    }
    timeline().write(deploy(now, service ? *service : services_.fresh()));
}

void Monitoring::background(EventTime now) {
    const std::uint32_t dice = random().below(100);
    if (dice < 65) {
        noise_request(now);
    } else if (dice < 66) {
        noise_deploy(now);
    } else if (dice < 84) {
        noise_check(now);
    } else {
        noise_order(now);
    }
}

void Monitoring::wake(EventTime now, Wake wake) {
    switch (wake.what) {
        case heartbeat: beat(now, wake.who); break;
        case latency: measure_latency(now, wake.who); break;
        default: measure_disk(now, wake.who); break;
    }
}

std::unique_ptr<Scenario> make_monitoring(const GenerateSpec& spec, Pace pace, Random& random, Timeline& timeline) {
    return std::make_unique<Monitoring>(spec, pace, random, timeline);
}

}  // namespace tocsin::streams
