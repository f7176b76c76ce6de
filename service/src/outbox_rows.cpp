#include "outbox_rows.hpp"

#include <utility>

#include <tocsin/alerts/names.hpp>

namespace tocsin::service {

Result<OutboxRows::Known*> OutboxRows::known(std::uint64_t alert) {
    const auto [found, fresh] = known_.try_emplace(alert);
    if (!fresh) {
        return &found->second;
    }
    Known known;
    for (auto [op, count] :
         {std::pair{"alert", &known.alerts}, std::pair{"retract", &known.retracts}, std::pair{"correct", &known.corrects}}) {
        const auto shown = store_.shown(alert, op);
        if (!shown) {
            return tl::unexpected(shown.error());
        }
        *count = *shown;
        if (known.alerts == 0) {
            break;  // what was never shown was never taken back
        }
    }
    if (known.alerts > 0) {
        const auto shadow = store_.shown_in_shadow(alert, "alert");
        if (!shadow) {
            return tl::unexpected(shadow.error());
        }
        known.shadow = *shadow;
    }
    found->second = known;
    return &found->second;
}

Result<void> OutboxRows::add(const alerts::Alert& alert, std::string body) {
    auto found = known(alert.id);
    if (!found) {
        return tl::unexpected(found.error());
    }
    Known& of = **found;
    const bool stands = of.alerts > of.retracts;
    if (stands == (alert.op == alerts::Op::alert)) {
        return {};
    }
    std::uint32_t ordinal = 0;
    switch (alert.op) {
        case alerts::Op::alert:
            of.shadow = alert.shadow;
            ordinal = ++of.alerts;
            break;
        case alerts::Op::retract: ordinal = ++of.retracts; break;
        case alerts::Op::correct: ordinal = ++of.corrects; break;
    }
    rows_.push_back(
        {++last_row_, alert.id, std::string(alerts::op_name(alert.op)), ordinal, alert.rule, std::move(body), of.shadow});
    return {};
}

}  // namespace tocsin::service
