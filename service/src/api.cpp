#include "api.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "body.hpp"
#include "metrics.hpp"
#include "rules_json.hpp"
#include "service_metrics.hpp"

namespace tocsin::service {

namespace {

constexpr unsigned kQueueRetry = 1;  // seconds
constexpr unsigned kRoomRetry = 10;
/// Bad records that an answer describes.
constexpr std::size_t kDescribed = 100;

HttpResponse error(int status, std::string_view message) {
    return {status, "application/json", fmt::format("{{\"error\":{}}}\n", json_string(message)), {}};
}

HttpResponse later(int status, std::string_view message, unsigned seconds) {
    HttpResponse response = error(status, message);
    response.retry_after = seconds;
    return response;
}

HttpResponse text(int status, std::string body) { return {status, "text/plain; charset=utf-8", std::move(body), {}}; }

/// `,"rejected":3,"errors":[{"index":0,"reason":"…"},…]`
std::string described(std::string_view lines, const std::vector<event::RecordError>& errors) {
    std::string out = fmt::format(",\"rejected\":{},\"errors\":[", errors.size());
    for (std::size_t i = 0; i < std::min(errors.size(), kDescribed); ++i) {
        out += fmt::format("{}{{\"index\":{},\"reason\":{}}}", i == 0 ? "" : ",", index_of_line(lines, errors[i].line),
                           json_string(errors[i].reason));
    }
    return out + "]";
}

std::string lines_of(const event::Batch& batch) {
    std::string lines;
    std::size_t size = 0;
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        size += batch.header(row).raw.size() + 1;
    }
    lines.reserve(size);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        lines += batch.header(row).raw;
        lines += '\n';
    }
    return lines;
}

std::string value_of(const HttpRequest& request, const char* name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
}

HttpResponse answer_of(const Taken& taken, std::size_t records, const std::string& rejected) {
    switch (taken.outcome) {
        case Taken::Outcome::no_room: return later(503, "the disk of the store is too full; nothing was taken", kRoomRetry);
        case Taken::Outcome::failed:
            return error(503,
                         "the store failed; whether the records were taken is known when the service has been started again");
        case Taken::Outcome::taken: break;
    }
    const std::string first =
        records > 0 ? fmt::format(",\"first\":{},\"last\":{}", taken.first, taken.first + records - 1) : std::string();
    return {200, "application/json", fmt::format("{{\"accepted\":{}{}{}}}\n", records, first, rejected), {}};
}

}  // namespace

std::optional<HttpResponse> Api::refusal(const HttpRequest& request, std::string_view method, Scope scope) const {
    if (request.method != method) {
        return error(405, fmt::format("this path takes {}", method));
    }
    switch (parts_.tokens.check(request.authorization, scope)) {
        case Access::granted: return std::nullopt;
        case Access::unknown: return error(401, "this wants a token: Authorization: Bearer TOKEN");
        case Access::forbidden: return error(403, fmt::format("this token has no scope {}", scope_name(scope)));
    }
    return std::nullopt;
}

void Api::handle(HttpRequest request, const Respond& respond) {
    if (request.path == "/v1/events") {
        auto refused = refusal(request, "POST", Scope::ingest);
        return refused ? respond(std::move(*refused)) : take_events(request, respond);
    }
    if (request.path == "/metrics") {
        auto refused = refusal(request, "GET", Scope::read);
        return refused ? respond(std::move(*refused)) : show_metrics(respond);
    }
    if (request.path == "/-/healthy") {
        return respond(text(200, "healthy\n"));
    }
    if (request.path == "/-/ready") {
        return respond(ready());
    }
    if (const auto route = RulesApi::route(request)) {
        auto refused = refusal(request, route->method, route->scope);
        return refused ? respond(std::move(*refused))
                       : parts_.rules.handle(request, parts_.tokens.name_of(request.authorization), respond);
    }
    respond(error(404,
                  "no such path: there are /v1/events, /v1/rules, /v1/deployments, /v1/rollback, /metrics, /-/reload, "
                  "/-/healthy and /-/ready"));
}

HttpResponse Api::ready() const {
    if (parts_.processor.failure()) {
        return text(503, "the store failed\n");
    }
    return parts_.processor.has_room() ? text(200, "ready\n") : text(503, "the disk of the store is too full\n");
}

void Api::show_metrics(const Respond& respond) const {
    parts_.processor.ask([this, respond](const Snapshot& snapshot) {
        respond({200,
                 "text/plain; version=0.0.4; charset=utf-8",
                 metrics_text(snapshot, *snapshot.program, parts_.endpoints, parts_.store),
                 {}});
    });
}

std::string Api::check_query(const HttpRequest& request, const RulesInForce& in_force) {
    for (const auto& [name, value] : request.query) {
        if (name != "stream" && name != "partition" && name != "input" && name != "on_error") {
            return fmt::format("no parameter '{}': there are stream, partition, input and on_error", name);
        }
    }
    const std::string on_error = value_of(request, "on_error");
    if (!on_error.empty() && on_error != "skip" && on_error != "reject") {
        return "on_error is skip or reject";
    }
    const std::string input = value_of(request, "input");
    const std::vector<std::string>& inputs = in_force.inputs;
    if (!input.empty() && std::find(inputs.begin(), inputs.end(), input) == inputs.end()) {
        return fmt::format("no input '{}': there are {}", input, fmt::join(inputs, ", "));
    }
    const std::string stream = value_of(request, "stream");
    const auto& streams = in_force.program->streams;
    const bool known = std::any_of(streams.begin(), streams.end(), [&](const plan::StreamPlan& one) {
        return one.name == stream && one.origin == plan::StreamPlan::Origin::records;
    });
    return stream.empty() || known ? std::string() : fmt::format("the rules have no stream '{}'", stream);
}

event::Batch Api::decode(const std::shared_ptr<const plan::Program>& program, event::InputId input, std::string lines) {
    std::optional<event::Decoder> decoder;
    {
        const std::lock_guard lock(mutex_);
        if (decoders_of_ != program) {
            decoders_.clear();
            decoders_of_ = program;
        }
        if (!decoders_.empty()) {
            decoder.emplace(std::move(decoders_.back()));
            decoders_.pop_back();
        }
    }
    if (!decoder) {
        decoder.emplace(event::Format::ndjson, program->projection, parts_.limits);
    }
    event::Batch batch = decoder->decode(input, event::make_block(std::move(lines), 1));
    const std::lock_guard lock(mutex_);
    if (decoders_of_ == program) {
        decoders_.push_back(std::move(*decoder));
    }
    return batch;
}

void Api::take_events(HttpRequest& request, const Respond& respond) {
    if (!request.content_encoding.empty() && request.content_encoding != "identity") {
        return respond(error(415, "bodies are taken as they are, without a content encoding"));
    }
    const auto in_force = parts_.processor.in_force();
    if (const std::string wrong = check_query(request, *in_force); !wrong.empty()) {
        return respond(error(400, wrong));
    }
    auto lines = records_of(std::move(request.body));
    if (!lines) {
        return respond(error(400, lines.error().message));
    }
    const std::string stream = value_of(request, "stream");
    const std::string partition = value_of(request, "partition");
    if (!stream.empty() || !partition.empty()) {
        *lines = with_origin(*lines, stream, partition);
    }
    std::string input = value_of(request, "input");
    input = input.empty() ? std::string(kDefaultInput) : input;
    const std::vector<std::string>& inputs = in_force->inputs;
    const auto place = std::find(inputs.begin(), inputs.end(), input) - inputs.begin();
    event::Batch batch = decode(in_force->program, event::InputId{static_cast<std::uint32_t>(place)}, *lines);
    std::string rejected;
    if (!batch.errors().empty()) {
        rejected = described(*lines, batch.errors());
        if (value_of(request, "on_error") != "skip") {
            return respond(
                {400,
                 "application/json",
                 fmt::format("{{\"error\":\"records that cannot be read; none was taken\",\"accepted\":0{}}}\n", rejected),
                 {}});
        }
    }
    const std::size_t records = batch.rows();
    if (records == 0) {
        return respond(answer_of({}, 0, rejected));
    }
    std::string kept = lines_of(batch);
    const bool queued = parts_.processor.submit(
        {std::move(input), std::move(batch), std::move(kept),
         [respond, records, rejected](const Taken& taken) { respond(answer_of(taken, records, rejected)); },
         in_force->program});
    if (!queued) {
        respond(later(429, "the queue is full; nothing was taken", kQueueRetry));
    }
}

}  // namespace tocsin::service
