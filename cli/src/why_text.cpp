#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include <tocsin/matcher/position.hpp>

#include "columns.hpp"
#include "explain.hpp"
#include "why_key.hpp"
#include "why_words.hpp"

namespace tocsin::cli {

std::string value_words(const event::Value& value) {
    std::string out;
    if (value.type() == event::Type::string) {
        event::append_json(out, value);
    } else {
        event::append_text(out, value);
    }
    return out;
}

namespace {

using matcher::Attempt;
using matcher::Ending;

/// Of one step's events, so many at either end are shown one by one.
constexpr std::size_t kShownAtEnds = 3;

class Text {
public:
    explicit Text(const WhyReport& report) : report_(report), why_(report.why) {}

    [[nodiscard]] std::string write() {
        headline();
        too_late();
        matches();
        for (std::size_t i = 0; i < why_.attempts.size(); ++i) {
            attempt(why_.attempts[i], i == 0);
        }
        nearest();
        windows();
        if (why_.runs_refused > 0) {
            line(fmt::format("\n{} more were not looked at: the key had as many as the limit runs_per_key allows.",
                             counted(why_.runs_refused, "run")));
        }
        return std::move(out_);
    }

private:
    void line(const std::string& text) { out_ += text + "\n"; }

    [[nodiscard]] std::string place(const engine::Place& at) const {
        return at.partition == "0" ? fmt::format("{}:{}", at.input, at.offset)
                                   : fmt::format("{}/{}:{}", at.input, at.partition, at.offset);
    }
    [[nodiscard]] std::string place(const matcher::Position& event) const { return place(report_.engine->place(event)); }

    /// The day is said once, with the first event of an attempt.
    [[nodiscard]] std::string clock(EventTime time) const {
        const std::string full = format_rfc3339(time);
        const std::size_t t = full.find('T');
        return full.substr(0, t) == day_ ? full.substr(t + 1, full.size() - t - 2) : full;
    }
    void remember_day(EventTime time) {
        const std::string full = format_rfc3339(time);
        day_ = full.substr(0, full.find('T'));
    }

    void headline() {
        const std::string key = key_values(*report_.rule, report_.key);
        std::string text =
            report_.rule->name + (key.empty() ? "" : " for " + key) + ": " + counted(why_.events, "event") + " seen, ";
        text += why_.matches == 0 ? "no alert" : counted(why_.matches, "alert");
        if (why_.matches > 0 && report_.rule->throttle) {
            text +=
                fmt::format(", of which `throttle {}` can hold some back", format_duration(report_.rule->throttle->duration));
        }
        line(text);
        if (report_.about) {
            line("asked about " + *report_.about);
        }
        if (why_.about) {
            passed(*why_.about, report_.rule->window ? "which is in no window: " : "which began no match: ");
        }
        if (why_.events == 0) {
            line("The inputs have no event of this key that the rule sees.");
        }
    }

    void too_late() {
        const std::vector<engine::TooLate> late = report_.engine->latest_too_late();
        if (late.empty()) {
            return;
        }
        line(fmt::format("\n{} came too late for the rule; the last:", counted(report_.engine->too_late(), "more event")));
        for (const engine::TooLate& one : late) {
            line(fmt::format("  {}  {}  {} behind the watermark; `lateness` allows {}", format_rfc3339(one.place.time),
                             place(one.place), format_duration(one.behind), format_duration(one.lateness)));
        }
    }

    void taken(const std::vector<matcher::TakenEvent>& events) {
        std::size_t width = 0;
        for (const matcher::TakenEvent& event : events) {
            width = std::max(width, event.step.size());
        }
        for (std::size_t i = 0; i < events.size(); ++i) {
            const std::size_t begin = step_begin(events, i);
            const std::size_t end = step_end(events, i);
            if (end - begin > 2 * kShownAtEnds && i == begin + kShownAtEnds) {
                i = end - kShownAtEnds;
                line(fmt::format("  {:<{}}  … {} more", events[i].step, width, grouped(end - begin - 2 * kShownAtEnds)));
            }
            line(fmt::format("  {:<{}}  {}  {}{}", events[i].step, width, format_rfc3339(events[i].event.time),
                             place(events[i].event), values_behind(events[i].values)));
        }
    }

    static std::size_t step_begin(const std::vector<matcher::TakenEvent>& events, std::size_t at) {
        while (at > 0 && events[at - 1].step == events[at].step) {
            --at;
        }
        return at;
    }
    static std::size_t step_end(const std::vector<matcher::TakenEvent>& events, std::size_t at) {
        const std::string& step = events[at].step;
        while (at < events.size() && events[at].step == step) {
            ++at;
        }
        return at;
    }

    static std::string values_behind(const std::vector<matcher::Reading>& values) {
        std::string out;
        for (const matcher::Reading& reading : values) {
            out += fmt::format("  {}={}", reading.name, value_words(reading.value.view()));
        }
        return out;
    }

    static std::string failure_words(const matcher::Failure& failure) {
        std::string out = failure.text + (failure.null ? " is null" : " is false");
        for (const matcher::Reading& reading : failure.values) {
            out += fmt::format(", {} is {}", reading.name, value_words(reading.value.view()));
        }
        return out;
    }

    static std::string misfit_words(const matcher::Misfit& misfit) {
        if (misfit.other_stream) {
            return std::string("of another stream");
        }
        if (misfit.failures.empty()) {
            return misfit.blocked.empty() ? "it fits"
                                          : fmt::format("it fits, but `{}` does not hold before it", misfit.blocked);
        }
        std::vector<std::string> parts;
        std::transform(misfit.failures.begin(), misfit.failures.end(), std::back_inserter(parts), failure_words);
        return fmt::format("{}", fmt::join(parts, "; "));
    }

    void passed(const matcher::PassedOver& event, const std::string& how) {
        const std::string head = fmt::format("  {}{} at {}:", how, place(event.event), clock(event.event.time));
        if (event.misfits.size() == 1) {
            line(head + " " + misfit_words(event.misfits.front()));
            return;
        }
        line(head);
        for (const matcher::Misfit& misfit : event.misfits) {
            line(fmt::format("    for {}: {}", misfit.step, misfit_words(misfit)));
        }
    }

    void matches() {
        for (std::size_t i = 0; i < why_.latest.size(); ++i) {
            const matcher::Match& match = why_.latest[i];
            remember_day(match.taken.front().event.time);
            line(fmt::format("\n{} at {} of",
                             i + 1 == why_.latest.size() && why_.matches == why_.latest.size() && i == 0 ? "Alert" : "An alert",
                             format_rfc3339(match.decided)));
            taken(match.taken);
        }
    }

    void attempt(const Attempt& attempt, bool first) {
        remember_day(attempt.taken.front().event.time);
        const bool complete = attempt.ending.kind == Ending::Kind::where || attempt.ending.kind == Ending::Kind::not_chosen;
        const std::string who = complete           ? first ? "A complete match" : "Another complete match"
                                : !first           ? "Another"
                                : why_.matches > 0 ? "The longest partial match besides"
                                                   : "The longest partial match";
        line(fmt::format("\n{} took {}{}", who, counted(attempt.taken.size(), "event"),
                         complete ? ":" : " and waited for " + awaited(attempt)));
        taken(attempt.taken);
        for (const matcher::PassedOver& event : attempt.passed_over) {
            passed(event, "passed over ");
        }
        passed_count(attempt);
        ending(attempt);
    }

    static std::string awaited(const Attempt& attempt) {
        std::vector<std::string> parts;
        for (const matcher::Awaited& one : attempt.awaited) {
            parts.push_back(one.step.empty() ? "its end" : one.step + ": " + one.condition);
        }
        return fmt::format("{}", fmt::join(parts, ", or for "));
    }

    void passed_count(const Attempt& attempt) {
        const std::size_t more = attempt.passed - attempt.passed_over.size();
        if (more > 0) {
            line(fmt::format("  passed over {}", counted(more, "more event")));
        }
        if (attempt.of_other_streams > 0) {
            line(fmt::format("  passed over {} of other streams", counted(attempt.of_other_streams, "event")));
        }
    }

    void ending(const Attempt& attempt) {
        const Ending& end = attempt.ending;
        switch (end.kind) {
            case Ending::Kind::time: line(fmt::format("It was over at {}: `{}` ran out", clock(end.time), end.clause)); return;
            case Ending::Kind::event:
                line(fmt::format("It was over at {}: {}{}{}", clock(end.time), place(*end.event),
                                 end.clause.empty() ? " ended it" : fmt::format(" broke `{}`", end.clause), deadline(attempt)));
                return;
            case Ending::Kind::open:
                line(fmt::format("It still waited when the inputs ended at {}{}", clock(why_.inputs_end), deadline(attempt)));
                return;
            case Ending::Kind::where:
                line(fmt::format("It was complete at {}, but `where` did not hold:", clock(end.time)));
                for (const matcher::Failure& failure : end.failures) {
                    line("  " + failure_words(failure));
                }
                return;
            case Ending::Kind::given_up:
                line(fmt::format("It was given up at {}: it began inside an alert, the one that {} completed ({})",
                                 clock(end.time), place(*end.event), overlap_text(*report_.rule)));
                return;
            case Ending::Kind::not_chosen:
                line(fmt::format("It was complete at {}, but another was chosen ({})", clock(end.time),
                                 overlap_text(*report_.rule)));
                return;
        }
    }

    [[nodiscard]] std::string deadline(const Attempt& attempt) const {
        for (const matcher::Awaited& one : attempt.awaited) {
            if (one.deadline) {
                return fmt::format("; it could have waited until {} (`{}`)", clock(*one.deadline), one.bound);
            }
        }
        return {};
    }

    void nearest() {
        if (why_.nearest.empty()) {
            return;
        }
        line(report_.rule->window ? "\nNo event came into its windows. The nearest:"
                                  : "\nNo event began a match. The nearest to the first step:");
        day_.clear();
        for (const matcher::PassedOver& event : why_.nearest) {
            passed(event, "");
        }
    }

    void windows() {
        if (!report_.rule->window) {
            return;
        }
        line(fmt::format("{} of them in its windows, of which {} did not fire", grouped(why_.fitting),
                         grouped(why_.windows_refused)));
        for (std::size_t i = 0; i < why_.windows.size(); ++i) {
            const matcher::WindowAttempt& window = why_.windows[i];
            line(fmt::format("\n{} from {} to {}{}", i == 0 ? "The nearest window" : "Another", format_rfc3339(window.start),
                             format_rfc3339(window.end), window.event ? ", judged at " + place(*window.event) : ""));
            for (const matcher::Reading& let : window.lets) {
                line(fmt::format("  {} = {}", let.name, value_words(let.value.view())));
            }
            for (const matcher::Failure& failure : window.failures) {
                line("  " + failure_words(failure));
            }
        }
    }

    const WhyReport& report_;
    const matcher::Why& why_;
    std::string out_;
    std::string day_;
};

}  // namespace

std::string why_text(const WhyReport& report) { return Text(report).write(); }

}  // namespace tocsin::cli
