#include "fraud.hpp"

#include <algorithm>
#include <array>

#include "fraud_names.hpp"

namespace tocsin::streams {

using namespace std::chrono_literals;

namespace {

constexpr Duration kDeclineGap = 1min;
constexpr Duration kMuleWindow = 30min;
constexpr Duration kAfterReset = 61min;
constexpr Duration kAfterSwap = 25h;
constexpr Duration kRecentDebit = std::chrono::hours(24 * 29);
constexpr std::int64_t kLargeDebit = 500'000;  // in hundredths, as all amounts
constexpr std::int64_t kLargeCredit = 200'000;
constexpr std::int64_t kLargestNoiseDeposit = 699'900;

}  // namespace

Fraud::Fraud(const GenerateSpec& spec, Random& random, Timeline& timeline)
    : PlantedScenario(random, timeline),
      users_(population(spec.events, 20, 90, 20'000)),
      cards_(population(spec.events, 15, 100, 20'000)),
      merchants_(population(spec.events, 50, 40, 5'000)),
      accounts_(population(spec.events, 20, 80, 20'000)),
      last_decline_(merchants_.size(), EventTime::lowest()),
      last_debit_(accounts_.size(), EventTime::lowest()) {}

std::uint32_t Fraud::user_for_noise(EventTime now) {
    const auto user = users_.pick(random(), now);
    return user ? *user : users_.fresh();
}

Record Fraud::login(EventTime time, std::uint32_t user, bool ok) {
    const City& home = home_of(user);
    const auto near = static_cast<std::int64_t>(Random::mixed(user) >> 60);  // not everybody lives at the town hall
    return std::move(Record("Login", time)
                         .text("user", user_name(user))
                         .flag("ok", ok)
                         .text("device", "d" + ten_digits(user).substr(0, 6))
                         .flag("new_device", false)
                         .text("ip", inside_address(user))
                         .text("country", home.country)
                         .hundredths("lat", home.lat + near)
                         .hundredths("lon", home.lon + near));
}

Record Fraud::payment(EventTime time, std::uint32_t user, std::string_view payee, std::int64_t hundredths) {
    return std::move(
        Record("Payment", time).text("user", user_name(user)).text("payee", payee).hundredths("amount", hundredths));
}

Record Fraud::charge(EventTime time, std::uint32_t card, std::uint32_t merchant, std::int64_t hundredths, bool approved) {
    return std::move(Record("Charge", time)
                         .text("card", card_name(card))
                         .text("merchant", merchant_name(merchant))
                         .hundredths("amount", hundredths)
                         .flag("approved", approved));
}

Record Fraud::refund(EventTime time, std::uint32_t card, std::uint32_t merchant, std::int64_t hundredths) {
    return std::move(Record("Refund", time)
                         .text("card", card_name(card))
                         .text("merchant", merchant_name(merchant))
                         .hundredths("amount", hundredths)
                         .text("terminal", "t" + padded(random().below(40), 2)));
}

Record Fraud::reset(EventTime time, std::uint32_t user) {
    return std::move(Record("PasswordReset", time)
                         .text("user", user_name(user))
                         .text("channel", random().percent(50) ? "mail" : "text message")
                         .text("ip", outside_address(strangers_++)));
}

Record Fraud::swap(EventTime time, std::uint32_t user) {
    return std::move(
        Record("SimSwap", time).text("user", user_name(user)).text("operator", random().percent(60) ? "northtel" : "mobico"));
}

Record Fraud::deposit(EventTime time, std::uint32_t account, std::int64_t hundredths) {
    return std::move(Record("CashDeposit", time)
                         .text("account", account_name(account))
                         .text("branch", "b" + padded(random().below(60), 2))
                         .hundredths("amount", hundredths));
}

Record Fraud::booking(std::string_view type, EventTime time, std::uint32_t account, std::string_view other,
                      std::int64_t hundredths) {
    return std::move(
        Record(type, time).text("account", account_name(account)).text("counterparty", other).hundredths("amount", hundredths));
}

std::uint32_t Fraud::usual_merchant(std::uint32_t card) {
    constexpr std::uint32_t kUsual = 5;
    return Random(std::uint64_t{card} * kUsual + random().skewed(kUsual)).skewed(merchants_.size());
}

void Fraud::noise_charge(EventTime now) {
    const auto known = cards_.pick(random(), now);
    const std::uint32_t card = known ? *known : cards_.fresh();
    const std::uint32_t merchant = usual_merchant(card);
    const bool may_decline = !merchants_.busy(merchant, now) && last_decline_[merchant] + kDeclineGap < now;
    const bool declined = may_decline && random().percent(3);
    if (declined) {
        last_decline_[merchant] = now;
    }
    timeline().write(charge(now, card, merchant, 250 + random().exponential(4'000), !declined));
}

void Fraud::noise_debit(EventTime now) {
    const auto known = accounts_.pick(random(), now);
    const std::uint32_t account = known ? *known : accounts_.fresh();
    std::int64_t amount = 100 + random().exponential(30'000);
    amount += random().percent(3) ? kLargeDebit : 0;
    if (!known || last_debit_[account] + kRecentDebit < now) {
        amount = std::min(amount, kLargeDebit - 1);
    }
    if (known) {
        last_debit_[account] = now;
    }
    timeline().write(booking("Debit", now, account, payee_name(random().next()), amount));
}

void Fraud::noise_credit(EventTime now) {
    const auto known = accounts_.pick(random(), now);
    const std::uint32_t account = known ? *known : accounts_.fresh();
    const std::int64_t amount = 500 + random().exponential(60'000);
    if (known && amount >= kLargeCredit) {
        accounts_.occupy(account, now + kMuleWindow);
    }
    timeline().write(booking("Credit", now, account, payee_name(random().next()), amount));
}

void Fraud::noise_rare(EventTime now) {
    const std::uint32_t kind = random().below(10);
    if (kind < 5) {
        const auto known = cards_.pick(random(), now);
        const std::uint32_t card = known ? *known : cards_.fresh();
        const std::uint32_t merchant = usual_merchant(card);
        timeline().write(refund(now, card, merchant, random().between(500, 9'999)));
        return;
    }
    const std::uint32_t user = user_for_noise(now);
    if (kind < 9) {
        if (user < users_.size()) {
            users_.occupy(user, now + kAfterReset);
        }
        timeline().write(reset(now, user));
    } else {
        if (user < users_.size()) {
            users_.occupy(user, now + kAfterSwap);
        }
        timeline().write(swap(now, user));
    }
}

void Fraud::background(EventTime now) {
    const std::uint32_t dice = random().below(100);
    if (dice < 36) {
        noise_charge(now);
    } else if (dice < 60) {
        const std::uint32_t user = user_for_noise(now);
        timeline().write(login(now, user, !random().percent(6)));
    } else if (dice < 73) {
        const std::uint32_t user = user_for_noise(now);
        const std::string payee = payee_name(user * 8 + random().below(8));
        timeline().write(payment(now, user, payee, 300 + random().exponential(25'000)));
    } else if (dice < 84) {
        noise_debit(now);
    } else if (dice < 93) {
        noise_credit(now);
    } else if (dice < 96) {
        const auto account = accounts_.pick(random(), now);
        const std::int64_t amount = std::min(2'000 + random().exponential(90'000), kLargestNoiseDeposit);
        timeline().write(deposit(now, account ? *account : accounts_.fresh(), amount));
    } else if (dice < 97) {
        noise_rare(now);
    } else if (dice < 98) {
        const std::uint32_t user = user_for_noise(now);
        timeline().write(std::move(Record("StrongAuth", now)
                                       .text("user", user_name(user))
                                       .text("method", "app")
                                       .flag("passed", !random().percent(10))));
    } else {
        const std::uint32_t user = user_for_noise(now);
        timeline().write(std::move(
            Record("PayeeAdded", now).text("user", user_name(user)).text("payee", payee_name(user * 8 + random().below(8)))));
    }
}

std::span<const Fraud::Plant> Fraud::plants() {
    static constexpr std::array kPlants{&Fraud::card_testing,        &Fraud::card_enumeration,  &Fraud::refund_without_sale,
                                        &Fraud::reset_then_payout,   &Fraud::impossible_travel, &Fraud::sim_swap_payout,
                                        &Fraud::structured_deposits, &Fraud::mule_account,      &Fraud::dormant_account};
    return kPlants;
}

std::unique_ptr<Scenario> make_fraud(const GenerateSpec& spec, Pace, Random& random, Timeline& timeline) {
    return std::make_unique<Fraud>(spec, random, timeline);
}

}  // namespace tocsin::streams
