#include <tocsin/service/rule_engine.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include <tocsin/alerts/json.hpp>
#include <tocsin/base/archive.hpp>
#include <tocsin/plan/print.hpp>

#include "idle_watch.hpp"

namespace tocsin::service {

namespace {

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

/// What `fill` gives where `go_on` said no; nobody sees it.
Error stopped() { return {Errc::invalid, "stopped"}; }

engine::Options engine_options(const RulesInForce& rules, const RuleEngine::Options& options) {
    engine::Options made;
    made.threads = options.threads;
    made.limits = options.limits;
    made.first_records = rules.first_records;
    for (const std::string& input : rules.inputs) {
        made.inputs.push_back({input, event::Format::ndjson});
    }
    return made;
}

}  // namespace

RuleEngine::RuleEngine(RulesInForce rules, const Options& options, engine::Engine engine)
    : rules_(std::move(rules)),
      options_(options),
      engine_(std::move(engine)),
      decoder_(event::Format::ndjson, rules_.program->projection, options.limits),
      idle_watch_(std::make_unique<IdleWatch>(*rules_.program, rules_.inputs, options_.clock())),
      hash_of_program_(rules_hash(*rules_.program)) {
    rules_.first_records.resize(rules_.program->rules.size(), 1);
    set_hash();
}

RuleEngine::RuleEngine(RuleEngine&&) noexcept = default;
RuleEngine::~RuleEngine() = default;

Result<std::unique_ptr<RuleEngine>> RuleEngine::create(RulesInForce rules, const Options& options) {
    return engine::Engine::create(rules.program, engine_options(rules, options)).map([&](engine::Engine&& engine) {
        return std::make_unique<RuleEngine>(RuleEngine(std::move(rules), options, std::move(engine)));
    });
}

void RuleEngine::set_hash() {
    const auto& first = rules_.first_records;
    const bool all = std::all_of(first.begin(), first.end(), [](std::uint64_t record) { return record == 1; });
    hash_ =
        all ? hash_of_program_ : fmt::format("{}-{:016x}", hash_of_program_, hash_of(fmt::format("{}", fmt::join(first, " "))));
}

std::string RuleEngine::save() {
    StateWriter out;
    out(hash_, records_, alerts_, digest_, late_records_, *idle_watch_);
    out.text(engine_.save());
    return out.take();
}

Result<void> RuleEngine::restore(std::string_view state) {
    StateReader in(state);
    std::string hash;
    in(hash);
    if (hash != hash_) {
        return fail(Errc::unsupported, "it is one of other rules");
    }
    std::uint64_t records = 0;
    std::uint64_t alerts = 0;
    std::uint64_t digest = 0;
    std::uint64_t late_records = 0;
    IdleWatch idle_watch(*rules_.program, rules_.inputs, options_.clock());
    in(records, alerts, digest, late_records, idle_watch);
    const std::string_view of_engine = in.text();
    if (!in.complete()) {
        return fail(Errc::bad_data, "it is damaged");
    }
    return engine::Engine::restore(rules_.program, engine_options(rules_, options_), of_engine)
        .map([&](engine::Engine&& engine) {
            engine_ = std::move(engine);
            *idle_watch_ = std::move(idle_watch);
            records_ = records;
            alerts_ = alerts;
            digest_ = digest;
            late_records_ = late_records;
        });
}

Result<void> RuleEngine::fill(const state::Store& store, const std::function<bool(std::uint64_t)>& go_on) {
    bool goes_on = true;
    const auto read = store.each_chunk_from(records_ + 1, [&](const state::Chunk& chunk) -> Result<void> {
        goes_on = go_on(records_);
        return goes_on ? replay(chunk) : tl::unexpected(stopped());
    });
    return goes_on ? read : Result<void>{};
}

Result<void> RuleEngine::replay(const state::Chunk& chunk) {
    event::Batch batch = decode(chunk.input, chunk.lines, chunk.offset);
    if (batch.rows() != chunk.records || chunk.sequence != records_ + 1) {
        return fail(Errc::bad_data,
                    fmt::format("the log's records from {} on cannot be read as they were written", chunk.sequence));
    }
    push(std::move(batch), dropped_);
    std::string body;
    for (const alerts::Output& output : dropped_) {
        if (const auto* const alert = std::get_if<alerts::Alert>(&output)) {
            body.clear();
            alerts::append_json(body, *alert);
            count_alert(body);
        } else {
            ++late_records_;
        }
    }
    dropped_.clear();
    return {};
}

void RuleEngine::start_rule(plan::RuleId rule, std::uint64_t first_record) {
    rules_.first_records[static_cast<std::size_t>(rule)] = first_record;
    engine_.start_rule(rule, first_record);
    set_hash();
}

event::Batch RuleEngine::decode(std::string_view input, std::string lines, std::uint64_t first_line) {
    const auto found = std::find(rules_.inputs.begin(), rules_.inputs.end(), input);
    return decoder_.decode(event::InputId{static_cast<std::uint32_t>(found - rules_.inputs.begin())},
                           event::make_block(std::move(lines), first_line));
}

void RuleEngine::push(event::Batch batch, std::vector<alerts::Output>& out) {
    const std::size_t rows = batch.rows();
    const engine::PreparedBatch prepared = engine_.prepare(std::move(batch));
    idle_watch_->hear(prepared, options_.clock());
    engine_.push(prepared, 0, rows, out);
    records_ += rows;
}

void RuleEngine::count_late() { ++late_records_; }

void RuleEngine::count_alert(std::string_view body) {
    ++alerts_;
    digest_ += hash_of(body);
}

std::string rules_hash(const plan::Program& program) {
    const std::string text = fmt::format("{}\n{}", TOCSIN_VERSION, plan::print(program));
    return fmt::format("{:016x}", hash_of(text));
}

}  // namespace tocsin::service
