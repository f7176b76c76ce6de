#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "scenario.hpp"

namespace tocsin::streams {

/// A bank: logins, payments, cards, cash. What the rules of rules/fraud must find, and what they must not.
///
/// Noise is built so that it cannot match: no charge under 2.50, at most one declined charge a minute and merchant, no
/// cash deposit of 7,000 or more, no credit of 2,000 or more before a debit of the same half hour, no debit of 5,000 or more
/// from an account without an earlier one, all logins of a user from one city; after a reset or a SIM swap the user is
/// silent as long as a rule looks; refunds are below 100.
class Fraud final : public PlantedScenario<Fraud> {
public:
    Fraud(const GenerateSpec& spec, Random& random, Timeline& timeline);
    void background(EventTime now) override;
    [[nodiscard]] static std::span<const Plant> plants();

private:
    // Cards.
    void card_testing(EventTime now, Plot plot);
    void card_enumeration(EventTime now, Plot plot);
    void refund_without_sale(EventTime now, Plot plot);
    // Somebody else is signed in.
    void reset_then_payout(EventTime now, Plot plot);
    void impossible_travel(EventTime now, Plot plot);
    void sim_swap_payout(EventTime now, Plot plot);
    // Money that changes its shape.
    void structured_deposits(EventTime now, Plot plot);
    void mule_account(EventTime now, Plot plot);
    void dormant_account(EventTime now, Plot plot);

    [[nodiscard]] std::uint32_t user_for_noise(EventTime now);
    /// One of the few merchants where the card is used day by day.
    [[nodiscard]] std::uint32_t usual_merchant(std::uint32_t card);
    void noise_charge(EventTime now);
    void noise_debit(EventTime now);
    void noise_credit(EventTime now);
    void noise_rare(EventTime now);

    [[nodiscard]] Record login(EventTime time, std::uint32_t user, bool ok);
    [[nodiscard]] Record payment(EventTime time, std::uint32_t user, std::string_view payee, std::int64_t hundredths);
    [[nodiscard]] Record charge(EventTime time, std::uint32_t card, std::uint32_t merchant, std::int64_t hundredths,
                                bool approved);
    [[nodiscard]] Record refund(EventTime time, std::uint32_t card, std::uint32_t merchant, std::int64_t hundredths);
    [[nodiscard]] Record reset(EventTime time, std::uint32_t user);
    [[nodiscard]] Record swap(EventTime time, std::uint32_t user);
    [[nodiscard]] Record deposit(EventTime time, std::uint32_t account, std::int64_t hundredths);
    [[nodiscard]] Record booking(std::string_view type, EventTime time, std::uint32_t account, std::string_view other,
                                 std::int64_t hundredths);

    Pool users_;
    Pool cards_;
    Pool merchants_;  ///< busy: no declined charges
    Pool accounts_;
    std::vector<EventTime> last_decline_;  ///< by merchant
    std::vector<EventTime> last_debit_;  ///< by account
    std::uint32_t strangers_{0};  ///< addresses used up
};

}  // namespace tocsin::streams
