#pragma once

#include <string>
#include <vector>

#include <tocsin/state/deployment.hpp>

namespace tocsin::test {

/// What the outbox of a service has to hold whose rules were swapped: each record judged by the rules of one deployment, and each
/// rule by the records from its first one on. Computed without what the service has for it: for each stretch in which a rule is the
/// same, an engine of its own is given the records of that stretch alone, behind one record that nothing matches and that sets the
/// clock.
///
/// Requires: one input, one stream whose records have `"kind":"X"` with one letter X; no rule matches `"-"`, looks into tables or
/// sees alerts of others. `records` in the order of the log. The JSON of alerts in no order.
[[nodiscard]] std::vector<std::string> piecewise_alerts(const std::vector<state::Deployment>& deployments,
                                                        const std::vector<std::string>& records);

}  // namespace tocsin::test
