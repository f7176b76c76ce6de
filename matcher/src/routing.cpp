#include <tocsin/matcher/routing.hpp>

#include <algorithm>

namespace tocsin::matcher {
namespace {

bool same_sources(const std::vector<plan::SourcePlan>& a, const std::vector<plan::SourcePlan>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const plan::SourcePlan& x, const plan::SourcePlan& y) {
        return x.stream == y.stream && x.key == y.key;
    });
}

/// The clock of the rule's streams. Changes of tables come when what feeds the tables says so.
ClockId clock_of(RoutingTable& table, const plan::Program& program, const plan::RulePlan& rule) {
    std::vector<plan::StreamId> streams = rule.clock_streams;
    for (const plan::SourcePlan& source : rule.sources) {
        if (program[source.stream].origin != plan::StreamPlan::Origin::changes) {
            streams.push_back(source.stream);
        }
    }
    std::sort(streams.begin(), streams.end());
    streams.erase(std::unique(streams.begin(), streams.end()), streams.end());
    const auto found = std::find(table.clock_streams.begin(), table.clock_streams.end(), streams);
    if (found != table.clock_streams.end()) {
        return ClockId{static_cast<std::uint32_t>(found - table.clock_streams.begin())};
    }
    table.clock_streams.push_back(std::move(streams));
    return ClockId{static_cast<std::uint32_t>(table.clock_streams.size() - 1)};
}

}  // namespace

RoutingTable make_routing(const plan::Program& program) {
    RoutingTable table;
    table.feeds.resize(program.predicates.size());
    table.of_stream.resize(program.streams.size());
    for (std::size_t r = 0; r < program.rules.size(); ++r) {
        const plan::RulePlan& rule = program.rules[r];
        const plan::RuleId id{static_cast<std::uint32_t>(r)};
        const ClockId clock = clock_of(table, program, rule);
        auto found = std::find_if(table.routings.begin(), table.routings.end(), [&](const Routing& routing) {
            return routing.clock == clock && routing.lateness == rule.lateness && same_sources(routing.sources, rule.sources);
        });
        if (found == table.routings.end()) {
            const RoutingId routing{static_cast<std::uint32_t>(table.routings.size())};
            for (const plan::SourcePlan& source : rule.sources) {
                table.of_stream[static_cast<std::size_t>(source.stream)].push_back(routing);
            }
            table.routings.push_back({rule.sources, {}, clock, rule.lateness});
            found = table.routings.end() - 1;
        }
        found->rules.push_back(id);
        table.of_rule.push_back(RoutingId{static_cast<std::uint32_t>(found - table.routings.begin())});
        for (std::size_t c = 0; c < rule.conditions.size(); ++c) {
            table.feeds[static_cast<std::size_t>(rule.conditions[c].predicate)].push_back({id, static_cast<std::uint32_t>(c)});
        }
    }
    return table;
}

}  // namespace tocsin::matcher
