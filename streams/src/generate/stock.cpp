#include <array>
#include <vector>

#include "names.hpp"
#include "scenario.hpp"

namespace tocsin::streams {

namespace {

/// Trades for benchmarks: each symbol as likely as the others, its price on a random walk. Nothing is planted.
class Stock final : public Scenario {
public:
    Stock(Random& random, Timeline& timeline) : Scenario(random, timeline) {
        for (std::uint32_t symbol = 0; symbol < kSymbols; ++symbol) {
            names_.push_back("S" + padded(symbol, 3));
            prices_.push_back(random.between(2'000, 50'000));
        }
    }

    void background(EventTime now) override {
        const std::uint32_t symbol = random().below(kSymbols);
        std::int64_t& price = prices_[symbol];
        price += random().between(-40, 40);
        price = price < 500 ? 1'000 - price : price;
        timeline().write(std::move(Record("Stock", now)
                                       .text("symbol", names_[symbol])
                                       .text("side", random().percent(50) ? "buy" : "sell")
                                       .hundredths("price", price)
                                       .number("volume", random().between(1, 1'000))));
    }

private:
    static constexpr std::uint32_t kSymbols = 500;
    std::vector<std::string> names_;
    std::vector<std::int64_t> prices_;
};

}  // namespace

std::unique_ptr<Scenario> make_stock(const GenerateSpec&, Pace, Random& random, Timeline& timeline) {
    return std::make_unique<Stock>(random, timeline);
}

}  // namespace tocsin::streams
