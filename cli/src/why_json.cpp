#include <vector>

#include <tocsin/matcher/key.hpp>
#include <tocsin/matcher/position.hpp>

#include "json_writer.hpp"
#include "why_words.hpp"

namespace tocsin::cli {

namespace {

using matcher::Ending;

std::string_view kind_name(Ending::Kind kind) {
    switch (kind) {
        case Ending::Kind::event: return "event";
        case Ending::Kind::time: return "time";
        case Ending::Kind::open: return "open";
        case Ending::Kind::where: return "where";
        case Ending::Kind::not_chosen: return "not_chosen";
        case Ending::Kind::given_up: return "given_up";
    }
    return "";
}

class Json {
public:
    explicit Json(const WhyReport& report) : report_(report) {}

    [[nodiscard]] std::string write() {
        const matcher::Why& why = report_.why;
        json_.begin_object().key("rule").string(report_.rule->name);
        key();
        json_.key("events").number(std::uint64_t{why.events}).key("alerts").number(std::uint64_t{why.matches});
        json_.key("too_late").number(std::uint64_t{report_.engine->too_late()});
        json_.key("runs_refused").number(why.runs_refused);
        list("matches", why.latest, [&](const matcher::Match& match) {
            json_.key("decided").string(format_rfc3339(match.decided));
            taken(match.taken);
        });
        list("attempts", why.attempts, [&](const matcher::Attempt& attempt) { write(attempt); });
        if (why.about) {
            json_.key("about").begin_object();
            write(*why.about);
            json_.end_object();
        }
        list("nearest", why.nearest, [&](const matcher::PassedOver& event) { write(event); });
        list("windows", why.windows, [&](const matcher::WindowAttempt& window) { write(window); });
        return std::move(json_.end_object()).finish();
    }

private:
    template <class Items, class Each>
    void list(std::string_view name, const Items& items, Each each) {
        json_.key(name).begin_array();
        for (const auto& item : items) {
            json_.begin_object();
            each(item);
            json_.end_object();
        }
        json_.end_array();
    }

    void value(const event::Value& value) {
        std::string text;
        event::append_json(text, value);
        json_.json(text);
    }

    void key() {
        const std::vector<event::Value> values = matcher::decode_key(report_.key);
        json_.key("key").begin_object();
        for (std::size_t i = 0; i < values.size(); ++i) {
            json_.key(report_.rule->key[i].name);
            value(values[i]);
        }
        json_.end_object();
    }

    void place(const matcher::Position& event) {
        const engine::Place at = report_.engine->place(event);
        json_.key("input").string(at.input).key("partition").string(at.partition).key("offset").number(at.offset);
        json_.key("time").string(format_rfc3339(at.time));
    }

    void values(const std::vector<matcher::Reading>& readings) {
        json_.key("values").begin_object();
        for (const matcher::Reading& reading : readings) {
            json_.key(reading.name);
            value(reading.value.view());
        }
        json_.end_object();
    }

    void taken(const std::vector<matcher::TakenEvent>& events) {
        list("taken", events, [&](const matcher::TakenEvent& event) {
            json_.key("step").string(event.step);
            place(event.event);
            values(event.values);
        });
    }

    void failures(const std::vector<matcher::Failure>& failures) {
        list("failures", failures, [&](const matcher::Failure& failure) {
            json_.key("condition").string(failure.text).key("result");
            failure.null ? json_.null() : json_.boolean(false);
            values(failure.values);
        });
    }

    void write(const matcher::PassedOver& event) {
        place(event.event);
        list("awaited", event.misfits, [&](const matcher::Misfit& misfit) {
            json_.key("step").string(misfit.step).key("condition").string(misfit.condition);
            json_.key("other_stream").boolean(misfit.other_stream);
            failures(misfit.failures);
            if (!misfit.blocked.empty()) {
                json_.key("blocked_by").string(misfit.blocked);
            }
        });
    }

    void write(const matcher::Attempt& attempt) {
        taken(attempt.taken);
        list("awaited", attempt.awaited, [&](const matcher::Awaited& one) {
            if (!one.step.empty()) {
                json_.key("step").string(one.step).key("condition").string(one.condition);
            }
            if (one.deadline) {
                json_.key("deadline").string(format_rfc3339(*one.deadline)).key("bound").string(one.bound);
            }
        });
        json_.key("passed").number(std::uint64_t{attempt.passed});
        json_.key("of_other_streams").number(std::uint64_t{attempt.of_other_streams});
        list("passed_over", attempt.passed_over, [&](const matcher::PassedOver& event) { write(event); });
        write(attempt.ending);
    }

    void write(const Ending& ending) {
        json_.key("ending").begin_object().key("by").string(kind_name(ending.kind));
        if (ending.kind == Ending::Kind::open) {
            json_.key("inputs_end").string(format_rfc3339(report_.why.inputs_end));
        } else {
            json_.key("at").string(format_rfc3339(ending.time));
        }
        if (!ending.clause.empty()) {
            json_.key("clause").string(ending.clause);
        }
        if (ending.event) {
            json_.key("event").begin_object();
            place(*ending.event);
            json_.end_object();
        }
        if (ending.kind == Ending::Kind::where) {
            failures(ending.failures);
        }
        json_.end_object();
    }

    void write(const matcher::WindowAttempt& window) {
        json_.key("start").string(format_rfc3339(window.start)).key("end").string(format_rfc3339(window.end));
        if (window.event) {
            json_.key("event").begin_object();
            place(*window.event);
            json_.end_object();
        }
        values(window.lets);
        failures(window.failures);
    }

    const WhyReport& report_;
    JsonWriter json_;
};

}  // namespace

std::string why_json(const WhyReport& report) { return Json(report).write(); }

}  // namespace tocsin::cli
