#include <tocsin/matcher/routing.hpp>

#include <algorithm>

namespace tocsin::matcher {
namespace {

bool same_sources(const std::vector<plan::SourcePlan>& a, const std::vector<plan::SourcePlan>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const plan::SourcePlan& x, const plan::SourcePlan& y) {
        return x.stream == y.stream && x.key == y.key;
    });
}

ClockId clock_of(RoutingTable& table, const plan::Program& program, const plan::RulePlan& rule, bool without_slack) {
    ClockPlan clock{rule.clock_streams, without_slack};
    for (const plan::SourcePlan& source : rule.sources) {
        // Changes have the clock of what feeds their table, which is among RulePlan::clock_streams.
        if (program[source.stream].origin != plan::StreamPlan::Origin::changes) {
            clock.streams.push_back(source.stream);
        }
    }
    std::sort(clock.streams.begin(), clock.streams.end());
    clock.streams.erase(std::unique(clock.streams.begin(), clock.streams.end()), clock.streams.end());
    const auto found = std::find(table.clocks.begin(), table.clocks.end(), clock);
    const ClockId id{static_cast<std::uint32_t>(found - table.clocks.begin())};
    if (found == table.clocks.end()) {
        table.clocks.push_back(std::move(clock));
    }
    return id;
}

RoutingId routing_of(RoutingTable& table, const plan::Program& program, const plan::RulePlan& rule) {
    const ClockId clock = clock_of(table, program, rule, false);
    const auto found = std::find_if(table.routings.begin(), table.routings.end(), [&](const Routing& routing) {
        return routing.clock == clock && routing.lateness == rule.lateness && routing.emit == rule.emit &&
               same_sources(routing.sources, rule.sources);
    });
    const RoutingId id{static_cast<std::uint32_t>(found - table.routings.begin())};
    if (found == table.routings.end()) {
        for (const plan::SourcePlan& source : rule.sources) {
            table.of_stream[static_cast<std::size_t>(source.stream)].push_back(id);
        }
        for (const plan::StreamId stream : rule.clock_streams) {
            table.by_table[static_cast<std::size_t>(stream)].push_back(id);
        }
        const ClockId shown = rule.emit == plan::Emit::early ? clock_of(table, program, rule, true) : clock;
        table.routings.push_back({rule.sources, {}, clock, shown, rule.lateness, rule.emit, 0});
    }
    return id;
}

/// A routing stands above those whose alerts it sees. There is no cycle, so it settles after as many rounds as there are levels.
void settle_levels(RoutingTable& table, const plan::Program& program) {
    bool moved = true;
    while (moved) {
        moved = false;
        for (Routing& routing : table.routings) {
            for (const plan::SourcePlan& source : routing.sources) {
                const plan::StreamPlan& stream = program[source.stream];
                if (!stream.made_by_rule()) {
                    continue;
                }
                const std::uint32_t level = table.routing_of(plan::RuleId{stream.maker}).level + 1;
                moved = moved || routing.level < level;
                routing.level = std::max(routing.level, level);
                table.levels = std::max(table.levels, level + 1);
            }
        }
    }
}

}  // namespace

RoutingTable make_routing(const plan::Program& program) {
    RoutingTable table;
    table.feeds.resize(program.predicates.size());
    table.of_stream.resize(program.streams.size());
    table.by_table.resize(program.streams.size());
    table.alerts_of.resize(program.rules.size());
    for (std::size_t r = 0; r < program.rules.size(); ++r) {
        const plan::RulePlan& rule = program.rules[r];
        const plan::RuleId id{static_cast<std::uint32_t>(r)};
        const RoutingId routing = routing_of(table, program, rule);
        table.routings[static_cast<std::size_t>(routing)].rules.push_back(id);
        table.of_rule.push_back(routing);
        for (std::size_t c = 0; c < rule.conditions.size(); ++c) {
            table.feeds[static_cast<std::size_t>(rule.conditions[c].predicate)].push_back({id, static_cast<std::uint32_t>(c)});
        }
    }
    for (std::size_t s = 0; s < program.streams.size(); ++s) {
        if (program.streams[s].made_by_rule()) {
            table.alerts_of[program.streams[s].maker] = plan::StreamId{static_cast<std::uint32_t>(s)};
        }
    }
    settle_levels(table, program);
    return table;
}

}  // namespace tocsin::matcher
