#include "service/piecewise.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <tocsin/alerts/json.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/event/decode.hpp>

#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {

namespace {

using state::DeployedRule;
using state::Deployment;

/// Deployments in which a rule goes on as it is.
struct Stretch {
    std::string rule;
    std::string texts;
    std::uint64_t first{1};  ///< the first record that it sees
    std::uint64_t before{0};  ///< what records up to this one make is not shown
    std::uint64_t end{0};  ///< the last record
};

std::string all_texts(const Deployment& deployment) {
    std::string all;
    for (const state::RuleText& text : deployment.texts) {
        all += text.text;
    }
    return all;
}

std::vector<Stretch> stretches_of(const std::vector<Deployment>& deployments, std::uint64_t records) {
    std::vector<Stretch> stretches;
    std::map<std::string, std::size_t> open;
    for (const Deployment& deployment : deployments) {
        for (const DeployedRule& rule : deployment.rules) {
            const auto found = open.find(rule.name);
            if (rule.outcome == DeployedRule::Outcome::unchanged) {
                REQUIRE(found != open.end());
                CHECK(stretches[found->second].first == rule.first);
                continue;
            }
            if (found != open.end()) {
                stretches[found->second].end = deployment.records;
                open.erase(found);
            }
            if (rule.outcome != DeployedRule::Outcome::removed) {
                CHECK((rule.outcome == DeployedRule::Outcome::filled || rule.first == deployment.records + 1));
                open[rule.name] = stretches.size();
                stretches.push_back({rule.name, all_texts(deployment), rule.first, deployment.records, records});
            }
        }
    }
    return stretches;
}

std::string time_of(const std::string& record) {
    const std::size_t at = record.find("\"ts\":\"") + 6;
    return record.substr(at, record.find('"', at) - at);
}

std::string masked(std::string record) {
    const std::size_t kind = record.find("\"kind\":\"") + 8;
    record[kind] = '-';
    return record;
}

class StretchRun {
public:
    StretchRun(const Stretch& stretch, const std::vector<std::string>& records)
        : records_(records), program_(program_of(stretch.texts)) {
        engine::Options options;
        options.inputs = {{"events", event::Format::ndjson}};
        auto made = engine::Engine::create(program_, options);
        REQUIRE(made.has_value());
        engine_.emplace(std::move(*made));
        if (stretch.first > 1) {
            const auto end = records.begin() + static_cast<std::ptrdiff_t>(stretch.first) - 1;
            push(masked(*std::max_element(records.begin(), end,
                                          [](const auto& a, const auto& b) { return time_of(a) < time_of(b); })),
                 0);
        }
    }

    /// The rule's alerts that these records cause.
    std::vector<alerts::Alert> run(std::uint64_t first, std::uint64_t last, const std::string& rule) {
        std::string text;
        for (std::uint64_t record = first; record <= last; ++record) {
            text += records_[record - 1];
        }
        std::vector<alerts::Alert> result;
        for (alerts::Output& output : push(text, first)) {
            if (auto* const alert = std::get_if<alerts::Alert>(&output); alert != nullptr && alert->rule == rule) {
                result.push_back(std::move(*alert));
            }
        }
        return result;
    }

private:
    static std::shared_ptr<const plan::Program> program_of(const std::string& texts) {
        static std::map<std::string, std::shared_ptr<const plan::Program>> known;
        auto& program = known[texts];
        program = program ? program : compile(texts);
        return program;
    }

    std::vector<alerts::Output> push(const std::string& text, std::uint64_t first) {
        event::Decoder decoder(event::Format::ndjson, program_->projection, {});
        event::Batch batch = decoder.decode(event::InputId{0}, event::make_block(text, first));
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            batch.headers()[row].line = first + row;
            batch.headers()[row].offset = first + row;
        }
        const std::size_t rows = batch.rows();
        std::vector<alerts::Output> out;
        engine_->push(engine_->prepare(std::move(batch)), 0, rows, out);
        return out;
    }

    const std::vector<std::string>& records_;
    std::shared_ptr<const plan::Program> program_;
    std::optional<engine::Engine> engine_;
};

}  // namespace

std::vector<std::string> piecewise_alerts(const std::vector<Deployment>& deployments, const std::vector<std::string>& records) {
    std::vector<std::string> rows;
    std::map<std::uint64_t, bool> stands;  // by alert: shown, and not taken back
    for (const Stretch& stretch : stretches_of(deployments, records.size())) {
        StretchRun run(stretch, records);
        if (stretch.first <= stretch.before) {
            static_cast<void>(run.run(stretch.first, stretch.before, stretch.rule));
        }
        for (const alerts::Alert& alert : run.run(std::max(stretch.first, stretch.before + 1), stretch.end, stretch.rule)) {
            bool& shown = stands[alert.id];
            if (shown != (alert.op == alerts::Op::alert)) {
                shown = alert.op != alerts::Op::retract;
                alerts::append_json(rows.emplace_back(), alert);
            }
        }
    }
    return rows;
}

}  // namespace tocsin::test
