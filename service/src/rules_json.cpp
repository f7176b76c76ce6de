#include "rules_json.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tocsin/base/time.hpp>
#include <tocsin/event/value.hpp>

#include "deployment_plan.hpp"

namespace tocsin::service {

namespace {

using state::DeployedRule;
using state::Deployment;

std::string_view severity_name(Severity severity) {
    switch (severity) {
        case Severity::error: return "error";
        case Severity::warning: return "warning";
        case Severity::hint: return "hint";
    }
    return "error";
}

std::string_view mode_name(plan::Mode mode) {
    switch (mode) {
        case plan::Mode::live: return "live";
        case plan::Mode::shadow: return "shadow";
        case plan::Mode::off: return "off";
    }
    return "live";
}

/// `[a,b]` of what `write` makes of the items.
template <class Items, class Write>
std::string array(const Items& items, Write&& write) {
    std::string out = "[";
    for (const auto& item : items) {
        out += out.size() > 1 ? "," : "";
        out += write(item);
    }
    return out + "]";
}

std::string json_of(const DeployedRule& rule) {
    std::string out = fmt::format("{{\"rule\":{},\"version\":\"{:08x}\",\"outcome\":\"{}\"", json_string(rule.name),
                                  rule.version, state::outcome_name(rule.outcome));
    if (rule.outcome != DeployedRule::Outcome::removed && rule.first != kAtDeployment) {
        out += fmt::format(",\"first\":{}", rule.first);
    }
    if (!rule.reason.empty()) {
        out += ",\"reason\":" + json_string(rule.reason);
    }
    return out + "}";
}

const plan::RulePlan* plan_of(const RuleSet& rules, std::string_view name) {
    const auto& plans = rules.program->rules;
    const auto found = std::find_if(plans.begin(), plans.end(), [&](const plan::RulePlan& rule) { return rule.name == name; });
    return found == plans.end() ? nullptr : &*found;
}

/// Without the closing brace.
std::string open_rule(const Running& running, const DeployedRule& rule) {
    std::string out =
        fmt::format("{{\"rule\":{},\"version\":\"{:08x}\",\"first\":{}", json_string(rule.name), rule.version, rule.first);
    if (const plan::RulePlan* const plan = plan_of(*running.rules, rule.name)) {
        out += fmt::format(",\"mode\":\"{}\",\"title\":{}", mode_name(plan->mode), json_string(plan->title));
    }
    return out;
}

std::string open_suspended(const std::string& name) {
    return fmt::format("{{\"rule\":{},\"mode\":\"suspended\"", json_string(name));
}

}  // namespace

std::string json_string(std::string_view text) {
    std::string out;
    event::append_json_string(out, text);
    return out;
}

std::string json_of_diagnostics(const RuleSet& rules, Severity worst) {
    Diagnostics shown;
    std::copy_if(rules.diagnostics.begin(), rules.diagnostics.end(), std::back_inserter(shown),
                 [&](const Diagnostic& one) { return one.severity <= worst; });
    return array(shown, [&](const Diagnostic& one) {
        const LineColumn at = rules.sources.locate(one.span.source, one.span.begin);
        return fmt::format(
            "{{\"file\":{},\"line\":{},\"column\":{},\"severity\":\"{}\",\"code\":\"{}\",\"message\":{},\"hint\":{}}}",
            json_string(rules.sources.name(one.span.source)), at.line, at.column, severity_name(one.severity), one.code,
            json_string(one.message), json_string(one.hint));
    });
}

std::string json_members(const Deployment& deployment) {
    std::string out =
        fmt::format("\"deployment\":{},\"time\":\"{}\",\"record\":{},\"by\":{},\"note\":{},\"origin\":\"{}\",",
                    deployment.number, format_rfc3339(EventTime::from_millis(deployment.time_ms)), deployment.records + 1,
                    json_string(deployment.by), json_string(deployment.note), state::origin_name(deployment.origin));
    if (deployment.origin == Deployment::Origin::rollback) {
        out += fmt::format("\"of\":{},", deployment.of);
    }
    out +=
        fmt::format("\"hash\":\"{}\",\"suspended\":{},\"rules\":{}", deployment.hash, array(deployment.suspended, json_string),
                    array(deployment.rules, [](const DeployedRule& rule) { return json_of(rule); }));
    return out;
}

std::string json_of_texts(const std::vector<state::RuleText>& texts) {
    return array(texts, [](const state::RuleText& text) {
        return fmt::format("{{\"name\":{},\"text\":{}{}}}", json_string(text.name), json_string(text.text),
                           text.of_list ? ",\"list\":true" : "");
    });
}

std::string json_of(const Deployed& deployed) {
    switch (deployed.outcome) {
        case Deployed::Outcome::wrong:
            return fmt::format("{{\"error\":\"the rules have errors; those in force stay\",\"diagnostics\":{}}}\n",
                               json_of_diagnostics(*deployed.rules, Severity::warning));
        case Deployed::Outcome::busy:
        case Deployed::Outcome::failed: return fmt::format("{{\"error\":{}}}\n", json_string(deployed.error.message));
        case Deployed::Outcome::deployed:
        case Deployed::Outcome::planned:
        case Deployed::Outcome::nothing_new: break;
    }
    const std::string warnings = json_of_diagnostics(*deployed.rules, Severity::warning);
    if (deployed.outcome == Deployed::Outcome::nothing_new) {
        return fmt::format("{{\"outcome\":\"nothing new\",{},\"diagnostics\":{}}}\n", json_members(deployed.deployment),
                           warnings);
    }
    const bool planned = deployed.outcome == Deployed::Outcome::planned;
    return fmt::format("{{\"outcome\":\"{}\",\"pause_ms\":{:.3f},{},\"diagnostics\":{}}}\n", planned ? "planned" : "deployed",
                       static_cast<double>(deployed.pause.count()) / 1000, json_members(deployed.deployment), warnings);
}

std::string json_of_rules(const Running& running) {
    std::string out = fmt::format("{{\"deployment\":{},\"rules\":[", running.deployment.number);
    bool first = true;
    const auto add = [&](const std::string& open) {
        out += first ? "" : ",";
        out += open + "}";
        first = false;
    };
    for (const DeployedRule& rule : running.deployment.rules) {
        if (rule.outcome != DeployedRule::Outcome::removed) {
            add(open_rule(running, rule));
        }
    }
    for (const std::string& name : running.deployment.suspended) {
        add(open_suspended(name));
    }
    return out + "]}\n";
}

std::string json_of_rule(const Running& running, std::string_view name) {
    const WrittenRule written = find_rule(*running.rules, name);
    if (written.file.empty()) {
        return {};
    }
    const auto& rules = running.deployment.rules;
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const DeployedRule& one) {
        return one.name == name && one.outcome != DeployedRule::Outcome::removed;
    });
    const auto& suspended = running.deployment.suspended;
    const bool is_suspended = std::find(suspended.begin(), suspended.end(), name) != suspended.end();
    std::string out = rule != rules.end() ? open_rule(running, *rule)
                      : is_suspended      ? open_suspended(std::string(name))
                                          : fmt::format("{{\"rule\":{},\"mode\":\"off\"", json_string(name));
    return out + fmt::format(",\"file\":{},\"line\":{},\"text\":{}}}\n", json_string(written.file), written.line,
                             json_string(written.text));
}

}  // namespace tocsin::service
