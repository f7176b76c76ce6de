#include "service_metrics.hpp"

#include "metrics.hpp"

namespace tocsin::service {

namespace {

using Kind = MetricsWriter::Kind;

void write_rules(MetricsWriter& out, const Snapshot& snapshot, const plan::Program& program) {
    struct Metric {
        const char* name;
        const char* help;
        std::uint64_t engine::RuleCounters::* count;
    };
    for (const Metric& metric : {
             Metric{"tocsin_rule_received_total", "Events that the rule sees", &engine::RuleCounters::received},
             Metric{"tocsin_rule_late_total", "Events that came late and were accepted", &engine::RuleCounters::late_accepted},
             Metric{"tocsin_rule_too_late_total", "Events that came too late", &engine::RuleCounters::too_late},
             Metric{"tocsin_rule_duplicate_total", "Events that had come before", &engine::RuleCounters::duplicate},
             Metric{"tocsin_rule_null_key_total", "Events without a part of the rule's key", &engine::RuleCounters::null_key},
             Metric{"tocsin_rule_runs_refused_total", "Runs that a limit did not let begin",
                    &engine::RuleCounters::runs_refused},
             Metric{"tocsin_rule_alerts_total", "Alerts", &engine::RuleCounters::alerts},
             Metric{"tocsin_rule_retracts_total", "Alerts taken back", &engine::RuleCounters::retracts},
             Metric{"tocsin_rule_corrects_total", "Alerts corrected", &engine::RuleCounters::corrects},
         }) {
        out.metric(metric.name, Kind::counter, metric.help);
        for (std::size_t r = 0; r < program.rules.size(); ++r) {
            out.sample({{"rule", program.rules[r].name}}, snapshot.counters.rules[r].*metric.count);
        }
    }
}

void write_engine(MetricsWriter& out, const Snapshot& snapshot) {
    const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
        out.metric(name, Kind::counter, help);
        out.sample({}, value);
    };
    const auto gauge = [&](const char* name, const char* help, std::uint64_t value) {
        out.metric(name, Kind::gauge, help);
        out.sample({}, value);
    };
    counter("tocsin_records_total", "Records in the log", snapshot.position.records);
    counter("tocsin_unassigned_total", "Records that belong to no stream", snapshot.counters.unassigned);
    counter("tocsin_mistyped_fields_total", "Fields of another type than declared", snapshot.counters.mistyped_fields);
    counter("tocsin_outbox_total", "Alerts, retracts and corrects in the outbox", snapshot.position.rows);
    counter("tocsin_commits_total", "Commits since the start", snapshot.commits);
    counter("tocsin_swaps_total", "Rules put in force since the start", snapshot.swaps);
    out.metric("tocsin_swap_pause_seconds", Kind::gauge, "How long nothing was taken at the last of them");
    out.sample({}, static_cast<double>(snapshot.last_pause.count()) / 1e6);
    gauge("tocsin_live_runs", "Partial matches", snapshot.state.runs);
    gauge("tocsin_live_events", "Events that are held", snapshot.state.events);
    gauge("tocsin_live_keys", "Keys with state", snapshot.state.keys);
    counter("tocsin_checkpoints_total", "States of the engine that were saved since the start", snapshot.checkpoints.written);
    counter("tocsin_checkpoint_failures_total", "States that could not be saved", snapshot.checkpoints.failures);
    gauge("tocsin_started_from_records", "Records that the saved state had seen which the start went on from",
          snapshot.checkpoints.started_from);
    gauge("tocsin_checkpoint_records", "Records that the last saved state has seen", snapshot.checkpoints.records);
    gauge("tocsin_checkpoint_bytes", "Its size", snapshot.checkpoints.bytes);
    out.metric("tocsin_checkpoint_pause_seconds", Kind::gauge, "How long nothing was taken while it was made");
    out.sample({}, static_cast<double>(snapshot.checkpoints.last_pause.count()) / 1e6);
    if (snapshot.watermark != EventTime::lowest() && snapshot.watermark != EventTime::highest()) {
        out.metric("tocsin_watermark_seconds", Kind::gauge, "The least watermark of all rules, Unix time");
        out.sample({}, static_cast<double>(snapshot.watermark.micros()) / 1e6);
    }
}

void write_endpoints(MetricsWriter& out, const std::vector<const delivery::Endpoint*>& endpoints) {
    struct Metric {
        const char* name;
        Kind kind;
        const char* help;
        std::uint64_t (*value)(const delivery::EndpointCounters&);
    };
    using Counters = delivery::EndpointCounters;
    for (const Metric& metric : {
             Metric{"tocsin_endpoint_tries_total", Kind::counter, "Calls or writes since the start",
                    [](const Counters& c) -> std::uint64_t { return c.tries; }},
             Metric{"tocsin_endpoint_failures_total", Kind::counter, "Those that failed",
                    [](const Counters& c) -> std::uint64_t { return c.failures; }},
             Metric{"tocsin_endpoint_delivered_total", Kind::counter, "Alerts taken since the start",
                    [](const Counters& c) -> std::uint64_t { return c.delivered; }},
             Metric{"tocsin_endpoint_dead_total", Kind::counter, "Alerts given up since the start",
                    [](const Counters& c) -> std::uint64_t { return c.dead; }},
             Metric{"tocsin_endpoint_pending", Kind::gauge, "Alerts not taken yet",
                    [](const Counters& c) -> std::uint64_t { return c.pending; }},
             Metric{"tocsin_endpoint_breaker_open", Kind::gauge, "1 while a webhook is only probed",
                    [](const Counters& c) -> std::uint64_t { return c.breaker_open ? 1 : 0; }},
             Metric{"tocsin_endpoint_disabled", Kind::gauge, "1 after status 410",
                    [](const Counters& c) -> std::uint64_t { return c.disabled ? 1 : 0; }},
         }) {
        out.metric(metric.name, metric.kind, metric.help);
        for (const delivery::Endpoint* const endpoint : endpoints) {
            out.sample({{"endpoint", endpoint->name()}}, metric.value(endpoint->counters()));
        }
    }
}

void write_store(MetricsWriter& out, const state::Store& store) {
    if (const auto bytes = store.size_bytes()) {
        out.metric("tocsin_store_bytes", Kind::gauge, "Size of the store's files");
        out.sample({}, *bytes);
    }
    if (const auto bytes = store.free_bytes()) {
        out.metric("tocsin_store_free_bytes", Kind::gauge, "Free space on its disk");
        out.sample({}, *bytes);
    }
}

}  // namespace

std::string metrics_text(const Snapshot& snapshot, const plan::Program& program,
                         const std::vector<const delivery::Endpoint*>& endpoints, const state::Store& store) {
    MetricsWriter out;
    write_rules(out, snapshot, program);
    write_engine(out, snapshot);
    write_endpoints(out, endpoints);
    write_store(out, store);
    return std::move(out).finish();
}

}  // namespace tocsin::service
