#include "rules_api.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "rules_json.hpp"

namespace tocsin::service {

namespace {

using state::DeployedRule;
using state::Deployment;

HttpResponse json(int status, std::string body) { return {status, "application/json", std::move(body), {}}; }
HttpResponse error(int status, std::string_view message) {
    return json(status, fmt::format("{{\"error\":{}}}\n", json_string(message)));
}

HttpResponse answer_of(const Deployed& deployed) {
    switch (deployed.outcome) {
        case Deployed::Outcome::wrong: return json(422, json_of(deployed));
        case Deployed::Outcome::busy: return json(409, json_of(deployed));
        case Deployed::Outcome::failed: return json(503, json_of(deployed));
        case Deployed::Outcome::deployed:
        case Deployed::Outcome::planned:
        case Deployed::Outcome::nothing_new: break;
    }
    return json(200, json_of(deployed));
}

std::function<void(const Deployed&)> answering(const Respond& respond) {
    return [respond](const Deployed& deployed) { respond(answer_of(deployed)); };
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    return wrong == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// What a request to deploy or to roll back says.
struct Order {
    DeployRequest request;
    std::optional<std::uint64_t> to;
};

/// Reads such a request; errors are for the one who sent it.
class OrderReader {
public:
    explicit OrderReader(bool rollback) : rollback_(rollback) {}

    [[nodiscard]] Result<Order> read(const std::string& body) {
        simdjson::dom::element root;
        if (const auto wrong = parser_.parse(body).get(root)) {
            return fail(Errc::bad_data, fmt::format("the body is no JSON: {}", simdjson::error_message(wrong)));
        }
        simdjson::dom::object members;
        if (root.get(members)) {
            return fail(Errc::bad_data, "the body wants to be an object");
        }
        for (const auto [name, value] : members) {
            if (!take(name, value)) {
                return fail(Errc::bad_data, problem_);
            }
        }
        if (!rollback_ && order_.request.texts.empty()) {
            return fail(Errc::bad_data, "'files' wants one at least: [{\"name\": PATH, \"text\": RULES}, …]");
        }
        return std::move(order_);
    }

private:
    using Element = simdjson::dom::element;

    [[nodiscard]] bool take(std::string_view name, const Element& value) {
        if (name == "note") {
            return take_text(name, value, order_.request.note);
        }
        if (name == "dry_run") {
            return !value.get(order_.request.dry_run) || wrong("'dry_run' is true or false");
        }
        if (name == "backfill") {
            std::string text;
            if (value.is_null()) {
                return true;
            }
            if (!take_text(name, value, text)) {
                return false;
            }
            order_.request.backfill = parse_backfill(text);
            return order_.request.backfill || wrong("'backfill' is \"all\" or a time such as \"7d\"");
        }
        if (name == "to" && rollback_) {
            std::uint64_t number = 0;
            order_.to = value.get(number) ? std::nullopt : std::optional(number);
            return order_.to || wrong("'to' is the number of a deployment");
        }
        if (name == "files" && !rollback_) {
            return take_files(value);
        }
        return wrong(fmt::format("no member '{}': there are {}, note, dry_run and backfill", name, rollback_ ? "to" : "files"));
    }

    [[nodiscard]] bool take_files(const Element& value) {
        simdjson::dom::array files;
        if (value.get(files)) {
            return wrong("'files' wants to be an array");
        }
        std::set<std::string> names;
        for (const Element file : files) {
            std::string_view name;
            std::string_view text;
            if (file["name"].get(name) || file["text"].get(text)) {
                return wrong("a file wants 'name' and 'text'");
            }
            if (!names.insert(std::string(name)).second) {
                return wrong(fmt::format("there are two files with the name '{}'", name));
            }
            bool of_list = false;
            if (const auto list = file["list"]; list.error() != simdjson::NO_SUCH_FIELD && list.get(of_list)) {
                return wrong("'list' of a file is true or false");
            }
            order_.request.texts.push_back({std::string(name), std::string(text), of_list});
        }
        return true;
    }

    [[nodiscard]] bool take_text(std::string_view name, const Element& value, std::string& target) {
        std::string_view text;
        if (value.get(text)) {
            return wrong(fmt::format("'{}' wants to be a text", name));
        }
        target = text;
        return true;
    }

    [[nodiscard]] bool wrong(std::string problem) {
        problem_ = std::move(problem);
        return false;
    }

    bool rollback_;
    simdjson::dom::parser parser_;
    Order order_;
    std::string problem_;
};

constexpr std::string_view kRules = "/v1/rules";
constexpr std::string_view kDeployments = "/v1/deployments";
constexpr std::string_view kRollback = "/v1/rollback";
constexpr std::string_view kReload = "/-/reload";

/// `/v1/rules/NAME`, `/v1/rules/NAME/ACTION`, `/v1/deployments/NUMBER`
struct Place {
    std::string_view name;
    std::string_view action;
};

std::optional<Place> place_in(std::string_view path, std::string_view folder) {
    if (!path.starts_with(folder) || path.size() < folder.size() + 2 || path[folder.size()] != '/') {
        return std::nullopt;
    }
    path.remove_prefix(folder.size() + 1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    return Place{path.substr(0, slash), path.substr(std::min(slash + 1, path.size()))};
}

}  // namespace

std::optional<RulesApi::Route> RulesApi::route(const HttpRequest& request) {
    const std::string_view path = request.path;
    if (path == kRules) {
        return request.method == "POST" ? Route{"POST", Scope::deploy} : Route{"GET", Scope::read};
    }
    if (path == kReload || path == kRollback) {
        return Route{"POST", Scope::deploy};
    }
    if (const auto place = place_in(path, kRules)) {
        if (place->action == "suspend" || place->action == "resume") {
            return Route{"POST", Scope::deploy};
        }
        return place->action.empty() || place->action == "history" ? std::optional(Route{"GET", Scope::read}) : std::nullopt;
    }
    if (const auto place = place_in(path, kDeployments); path == kDeployments || (place && place->action.empty())) {
        return Route{"GET", Scope::read};
    }
    return std::nullopt;
}

void RulesApi::handle(const HttpRequest& request, const std::string& by, const Respond& respond) {
    const std::string_view path = request.path;
    if (path == kRules) {
        return request.method == "POST" ? deploy(request, by, respond)
                                        : respond(json(200, json_of_rules(*parts_.deployer.running())));
    }
    if (path == kRollback) {
        return roll_back(request, by, respond);
    }
    if (path == kReload) {
        return reload(by, answering(respond));
    }
    if (path == kDeployments) {
        return respond(show_deployments());
    }
    if (const auto place = place_in(path, kDeployments)) {
        return respond(show_deployment(place->name));
    }
    const Place place = place_in(path, kRules).value_or(Place{});
    if (place.action == "history") {
        return respond(show_history(place.name));
    }
    place.action.empty() ? respond(show_rule(place.name)) : switch_rule(place.name, place.action == "suspend", by, respond);
}

void RulesApi::deploy(const HttpRequest& request, const std::string& by, const Respond& respond) {
    auto order = OrderReader(false).read(request.body);
    if (!order) {
        return respond(error(400, order.error().message));
    }
    order->request.by = by;
    parts_.deployer.deploy(std::move(order->request), answering(respond));
}

void RulesApi::roll_back(const HttpRequest& request, const std::string& by, const Respond& respond) {
    auto order = OrderReader(true).read(request.body.empty() ? std::string("{}") : request.body);
    if (!order) {
        return respond(error(400, order.error().message));
    }
    const std::uint64_t now = parts_.deployer.running()->deployment.number;
    const std::uint64_t to = order->to.value_or(now - std::min<std::uint64_t>(now, 1));
    const auto found = parts_.store.deployment(to);
    if (!found) {
        return respond(error(503, found.error().message));
    }
    if (!*found) {
        return respond(error(404, order->to ? fmt::format("no deployment {}", to) : "there is no earlier deployment"));
    }
    DeployRequest& wanted = order->request;
    wanted.texts = (*found)->texts;
    wanted.suspended = (*found)->suspended;
    wanted.origin = Deployment::Origin::rollback;
    wanted.of = to;
    wanted.by = by;
    parts_.deployer.deploy(std::move(wanted), answering(respond));
}

void RulesApi::switch_rule(std::string_view name, bool suspend, const std::string& by, const Respond& respond) {
    const auto running = parts_.deployer.running();
    if (find_rule(*running->rules, name).file.empty()) {
        return respond(error(404, fmt::format("no rule '{}'", name)));
    }
    const auto stored = parts_.store.deployment(running->deployment.number);
    if (!stored || !*stored) {
        return respond(error(503, stored ? "the deployment in force is not stored" : stored.error().message));
    }
    DeployRequest request;
    request.texts = (*stored)->texts;
    request.by = by;
    request.note = fmt::format("{} {}", suspend ? "suspend" : "resume", name);
    std::vector<std::string> suspended = running->deployment.suspended;
    std::erase(suspended, name);
    if (suspend) {
        suspended.emplace_back(name);
        std::sort(suspended.begin(), suspended.end());
    }
    request.suspended = std::move(suspended);
    parts_.deployer.deploy(std::move(request), answering(respond));
}

void RulesApi::reload(const std::string& by, const std::function<void(const Deployed&)>& done) {
    const auto report = [&](Error why) {
        Deployed failed;
        failed.error = std::move(why);
        done(failed);
    };
    auto texts = parts_.read_files();
    if (!texts) {
        return report(texts.error());
    }
    if (texts->empty()) {
        return report({Errc::invalid, "the config names no rules"});
    }
    DeployRequest request;
    request.texts = std::move(*texts);
    request.by = by;
    request.origin = Deployment::Origin::files;
    parts_.deployer.deploy(std::move(request), done);
}

HttpResponse RulesApi::show_rule(std::string_view rule) const {
    std::string body = json_of_rule(*parts_.deployer.running(), rule);
    return body.empty() ? error(404, fmt::format("no rule '{}'", rule)) : json(200, std::move(body));
}

HttpResponse RulesApi::show_deployment(std::string_view number) const {
    const auto wanted = number_of(number);
    const auto found = parts_.store.deployment(wanted.value_or(0));
    if (!found) {
        return error(503, found.error().message);
    }
    if (!*found) {
        return error(404, fmt::format("no deployment '{}'", number));
    }
    return json(200, fmt::format("{{{},\"files\":{}}}\n", json_members(**found), json_of_texts((*found)->texts)));
}

HttpResponse RulesApi::show_deployments() const {
    std::string out = fmt::format("{{\"deployment\":{},\"deployments\":[", parts_.deployer.running()->deployment.number);
    bool first = true;
    const auto read = parts_.store.each_deployment([&](const Deployment& deployment) -> Result<void> {
        out += fmt::format("{}{{{}}}", first ? "" : ",", json_members(deployment));
        first = false;
        return {};
    });
    return read ? json(200, out + "]}\n") : error(503, read.error().message);
}

HttpResponse RulesApi::show_history(std::string_view rule) const {
    std::string out = fmt::format("{{\"rule\":{},\"history\":[", json_string(rule));
    bool first = true;
    const auto read = parts_.store.each_deployment([&](Deployment deployment) -> Result<void> {
        std::erase_if(deployment.rules, [&](const DeployedRule& one) {
            return one.name != rule || one.outcome == DeployedRule::Outcome::unchanged;
        });
        if (!deployment.rules.empty()) {
            out += fmt::format("{}{{{}}}", first ? "" : ",", json_members(deployment));
            first = false;
        }
        return {};
    });
    return read ? json(200, out + "]}\n") : error(503, read.error().message);
}

}  // namespace tocsin::service
