// The episodes of the fraud scenario. Each rule's near misses fail it by one thing only; what a rule asks for stands in
// rules/fraud.
#include <algorithm>

#include "fraud.hpp"
#include "fraud_names.hpp"

namespace tocsin::streams {

using namespace std::chrono_literals;

namespace {

constexpr Duration kDay = std::chrono::hours(24);

}  // namespace

void Fraud::card_testing(EventTime now, Plot plot) {
    constexpr Duration kWithin = 15min;
    enum : std::uint32_t { too_few, too_late, too_small, another_card, kVariants };
    const NearMiss is{plot, kVariants};
    const auto card = cards_.reserve(random(), now, now + kWithin + kWithin);
    const auto other = cards_.reserve(random(), now, now + kWithin + kWithin);
    if (!card || !other) {
        return;
    }
    Episode episode;
    EventTime time = now + random().between(1s, 60s);
    const EventTime first = time;
    const std::int64_t probes = is(too_few) ? 2 : is(too_late) ? 3 : random().between(3, 6);
    for (std::int64_t i = 0; i < probes; ++i) {
        const std::uint32_t merchant = random().below(merchants_.size());
        episode.matched(charge(time, *card, merchant, random().between(10, 199), true));
        time = time + random().between(5s, 90s);
    }
    const EventTime taken = is(too_late) ? first + kWithin + kTooLate : time + random().between(0s, 240s);
    const std::int64_t amount = is(too_small) ? random().between(15'000, 19'999) : random().between(20'000, 200'000);
    const std::uint32_t merchant = random().below(merchants_.size());
    episode.matched(charge(taken, is(another_card) ? *other : *card, merchant, amount, true));
    std::move(episode).play(timeline(), plot, "card_testing", key_json({{"card", card_name(*card)}}));
}

void Fraud::card_enumeration(EventTime now, Plot plot) {
    constexpr Duration kWithin = 2min;
    constexpr std::int64_t kCards = 8;
    enum : std::uint32_t { too_few, too_late, same_card, kVariants };
    const NearMiss is{plot, kVariants};
    const auto merchant = merchants_.reserve(random(), now, now + kWithin * 5);
    if (!merchant) {
        return;
    }
    Episode episode;
    const EventTime first = now + kWithin + random().between(1s, 60s);
    EventTime time = first;
    const std::uint32_t first_card = cards_.fresh();
    for (std::int64_t i = 0; i < (is(too_few) ? kCards - 1 : kCards); ++i) {
        const bool last = i == kCards - 1;
        const std::uint32_t card = i == 0 || (last && is(same_card)) ? first_card : cards_.fresh();
        const EventTime when = last && is(too_late) ? first + kWithin + kTooLate : time;
        episode.matched(charge(when, card, *merchant, random().between(250, 900), false));
        time = time + random().between(2s, 14s);
    }
    std::move(episode).play(timeline(), plot, "card_enumeration", key_json({{"merchant", merchant_name(*merchant)}}));
}

void Fraud::refund_without_sale(EventTime now, Plot plot) {
    enum : std::uint32_t { bought_before, too_small, kVariants };
    const NearMiss is{plot, kVariants};
    const std::uint32_t card = cards_.fresh();
    const std::uint32_t merchant = random().below(merchants_.size());
    Episode episode;
    EventTime time = now + random().between(1s, 60s);
    if (is(bought_before)) {
        episode.beside(charge(time, card, merchant, random().between(10'000, 90'000), true));
        time = time + random().between(1h, 12h);
    }
    const std::int64_t amount = is(too_small) ? random().between(5'000, 9'999) : random().between(10'000, 90'000);
    episode.matched(std::move(Record("Refund", time)
                                  .text("card", card_name(card))
                                  .text("merchant", merchant_name(merchant))
                                  .hundredths("amount", amount)
                                  .text("terminal", "t" + padded(random().below(40), 2))));
    std::move(episode).play(timeline(), plot, "refund_without_sale",
                            key_json({{"card", card_name(card)}, {"merchant", merchant_name(merchant)}}));
}

void Fraud::reset_then_payout(EventTime now, Plot plot) {
    constexpr Duration kWithin = 1h;
    enum : std::uint32_t { second_factor, another_user, another_payee, too_late, too_small, kVariants };
    const NearMiss is{plot, kVariants};
    const auto user = users_.reserve(random(), now, now + kWithin * 2);
    const auto other = users_.reserve(random(), now, now + kWithin * 2);
    if (!user || !other) {
        return;
    }
    const std::string payee = payee_name(random().next());
    const EventTime asked = now + random().between(1s, 60s);
    const EventTime added = asked + random().between(1min, 15min);
    const EventTime paid = is(too_late) ? asked + kWithin + kTooLate : added + random().between(1min, 30min);
    Episode episode;
    episode.matched(reset(asked, *user));
    episode.beside(login(asked + random().between(5s, 30s), *user, true));
    episode.matched(std::move(Record("PayeeAdded", added).text("user", user_name(*user)).text("payee", payee)));
    if (is(second_factor)) {
        episode.beside(std::move(
            Record("StrongAuth", added + 30s).text("user", user_name(*user)).text("method", "token").flag("passed", true)));
    }
    const std::string paid_to = is(another_payee) ? payee_name(random().next()) : payee;
    const std::int64_t amount = is(too_small) ? random().between(20'000, 49'999) : random().between(50'000, 900'000);
    episode.matched(payment(paid, is(another_user) ? *other : *user, paid_to, amount));
    std::move(episode).play(timeline(), plot, "reset_then_payout", key_json({{"user", user_name(*user)}}));
}

void Fraud::impossible_travel(EventTime now, Plot plot) {
    constexpr Duration kWithin = 12h;
    enum : std::uint32_t { too_late, failed_there, neighbouring_town, kVariants };
    const NearMiss is{plot, kVariants};
    const auto user = users_.reserve(random(), now, now + kWithin * 5 / 2);
    if (!user) {
        return;
    }
    const EventTime here = now + random().between(1s, 60s);
    const EventTime there = is(too_late) ? here + kWithin + kTooLate : here + random().between(15min, 90min);
    const City& home = home_of(*user);
    const City& away = far_from(home, random());
    const std::int64_t lat = is(neighbouring_town) ? home.lat + 300 : away.lat;
    const std::int64_t lon = is(neighbouring_town) ? home.lon : away.lon;
    const std::uint32_t stranger = strangers_++;
    Episode episode;
    episode.matched(login(here, *user, true));
    episode.matched(std::move(Record("Login", there)
                                  .text("user", user_name(*user))
                                  .flag("ok", !is(failed_there))
                                  .text("device", "d" + ten_digits(stranger).substr(0, 6))
                                  .flag("new_device", true)
                                  .text("ip", outside_address(stranger))
                                  .text("country", is(neighbouring_town) ? home.country : away.country)
                                  .hundredths("lat", lat)
                                  .hundredths("lon", lon)));
    std::move(episode).play(timeline(), plot, "impossible_travel", key_json({{"user", user_name(*user)}}));
}

void Fraud::sim_swap_payout(EventTime now, Plot plot) {
    enum : std::uint32_t { known_device, too_small, too_late, kVariants };
    const NearMiss is{plot, kVariants};
    const auto user = users_.reserve(random(), now, now + kDay + 5min);
    if (!user) {
        return;
    }
    const EventTime swapped = now + random().between(1s, 60s);
    const EventTime in = swapped + random().between(10min, 8h);
    const EventTime paid = is(too_late) ? swapped + kDay + kTooLate : in + random().between(1min, 60min);
    const City& home = home_of(*user);
    const std::uint32_t stranger = strangers_++;
    Episode episode;
    episode.matched(swap(swapped, *user));
    episode.matched(std::move(Record("Login", in)
                                  .text("user", user_name(*user))
                                  .flag("ok", true)
                                  .text("device", "d" + ten_digits(stranger).substr(0, 6))
                                  .flag("new_device", !is(known_device))
                                  .text("ip", outside_address(stranger))
                                  .text("country", home.country)
                                  .hundredths("lat", home.lat)
                                  .hundredths("lon", home.lon)));
    const std::int64_t amount = is(too_small) ? random().between(50'000, 99'999) : random().between(100'000, 900'000);
    episode.matched(payment(paid, *user, payee_name(random().next()), amount));
    std::move(episode).play(timeline(), plot, "sim_swap_payout", key_json({{"user", user_name(*user)}}));
}

void Fraud::structured_deposits(EventTime now, Plot plot) {
    enum : std::uint32_t { reported, too_late, too_small, kVariants };
    const NearMiss is{plot, kVariants};
    const std::uint32_t account = accounts_.fresh();
    const EventTime first = now + random().between(1s, 60s);
    const EventTime second = first + random().between(10min, 7h);
    const EventTime third = is(too_late) ? first + kDay + kTooLate : second + random().between(10min, 7h);
    const auto below_limit = [&] { return random().between(800'000, 999'999); };
    Episode episode;
    episode.matched(deposit(first, account, below_limit()));
    episode.matched(deposit(second, account, is(reported) ? random().between(1'000'000, 1'200'000) : below_limit()));
    episode.matched(deposit(third, account, is(too_small) ? random().between(700'000, 799'999) : below_limit()));
    std::move(episode).play(timeline(), plot, "structured_deposits", key_json({{"account", account_name(account)}}));
}

void Fraud::mule_account(EventTime now, Plot plot) {
    constexpr Duration kWithin = 30min;
    enum : std::uint32_t { sent_back, too_late, kept_much, kVariants };
    const NearMiss is{plot, kVariants};
    const auto account = accounts_.reserve(random(), now, now + kWithin * 3);
    if (!account) {
        return;
    }
    const EventTime received = now + random().between(1s, 60s);
    const EventTime sent = is(too_late) ? received + kWithin + kTooLate : received + random().between(1min, 30min);
    const std::int64_t amount = random().between(200'000, 490'000);
    const std::int64_t share = is(kept_much) ? random().between(70, 89) : random().between(91, 99);
    const std::string from = payee_name(random().next());
    Episode episode;
    episode.matched(booking("Credit", received, *account, from, amount));
    episode.matched(booking("Debit", sent, *account, is(sent_back) ? from : payee_name(random().next()), amount * share / 100));
    std::move(episode).play(timeline(), plot, "mule_account", key_json({{"account", account_name(*account)}}));
}

void Fraud::dormant_account(EventTime now, Plot plot) {
    enum : std::uint32_t { in_use, too_small, kVariants };
    const NearMiss is{plot, kVariants};
    const std::uint32_t account = accounts_.fresh();
    EventTime time = now + random().between(1s, 60s);
    Episode episode;
    if (is(in_use)) {
        const std::string payee = payee_name(random().next());
        episode.beside(booking("Debit", time, account, payee, random().between(1'000, 90'000)));
        time = time + random().between(1h, 12h);
    }
    const std::int64_t amount = is(too_small) ? random().between(400'000, 499'999) : random().between(500'000, 2'000'000);
    episode.matched(booking("Debit", time, account, payee_name(random().next()), amount));
    std::move(episode).play(timeline(), plot, "dormant_account", key_json({{"account", account_name(account)}}));
}

}  // namespace tocsin::streams
