// What can come before what in a pattern, from its text alone: the sets `first`, `last` and `follow` of Glushkov's
// construction, on items instead of positions. The recursion is as deep as groups are nested, which the parser bounds.

#include "shape.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

namespace tocsin::compiler {

namespace {

void unite(std::vector<std::uint32_t>& into, const std::vector<std::uint32_t>& more) {
    std::vector<std::uint32_t> all;
    all.reserve(into.size() + more.size());
    std::ranges::set_union(into, more, std::back_inserter(all));
    into = std::move(all);
}

}  // namespace

const dsl::Tail* tail_of(const dsl::Pattern& pattern) {
    if (const auto* step = std::get_if<dsl::Step>(&pattern.node)) {
        return &step->tail;
    }
    if (const auto* group = std::get_if<dsl::Group>(&pattern.node)) {
        return &group->tail;
    }
    return nullptr;
}

bool loops(const dsl::Tail& tail) { return tail.times && tail.times->max.value_or(2) > 1; }

Shape::Shape(const dsl::File& file, dsl::PatternId root, Symbols& symbols, Report& report) : file_(&file) {
    walk(root, {}, symbols, report);
    name_steps(report);
    skippable = may_skip(root);
    flow(root, {{}, true}, true);
}

Shape::Shape(const dsl::Window& window, Symbols& symbols, Report& report) {
    places.push_back({Place::Kind::window, {}, &window.on, find_stream(symbols, window.on.stream, report), 0, {}, false, false});
}

void Shape::walk(dsl::PatternId id, Link where, Symbols& symbols, Report& report) {
    nodes_[id].link = where;
    const auto child = [&](dsl::PatternId part, std::size_t at) {
        walk(part, {id, static_cast<std::uint32_t>(at), where.depth + 1}, symbols, report);
    };
    const dsl::Pattern& pattern = (*file_)[id];
    if (const auto* step = std::get_if<dsl::Step>(&pattern.node)) {
        bool repeated = false;
        for (std::optional<dsl::PatternId> at = id; at; at = link(*at).parent) {
            const dsl::Tail* tail = tail_of((*file_)[*at]);
            repeated |= tail != nullptr && loops(*tail);
        }
        const auto number = static_cast<std::uint32_t>(steps.size());
        steps.push_back({places.size(), 0, repeated});
        nodes_[id].places.push_back(places.size());
        places.push_back(
            {Place::Kind::step, id, &step->event, find_stream(symbols, step->event.stream, report), number, {}, false, false});
        add_until(id, step->tail, symbols, report);
    } else if (const auto* absent = std::get_if<dsl::NotItem>(&pattern.node)) {
        nodes_[id].places.push_back(places.size());
        places.push_back(
            {Place::Kind::absent, id, &absent->event, find_stream(symbols, absent->event.stream, report), 0, {}, false, false});
    } else if (const auto* group = std::get_if<dsl::Group>(&pattern.node)) {
        child(group->body, 0);
        add_until(id, group->tail, symbols, report);
    } else if (const auto* sequence = std::get_if<dsl::Sequence>(&pattern.node)) {
        for (std::size_t i = 0; i < sequence->parts.size(); ++i) {
            child(sequence->parts[i].item, i);
        }
    } else if (const auto* either = std::get_if<dsl::Alternatives>(&pattern.node)) {
        for (std::size_t i = 0; i < either->items.size(); ++i) {
            child(either->items[i], i);
        }
    }
}

void Shape::add_until(dsl::PatternId id, const dsl::Tail& tail, Symbols& symbols, Report& report) {
    if (tail.until) {
        nodes_[id].places.push_back(places.size());
        places.push_back(
            {Place::Kind::until, id, &*tail.until, find_stream(symbols, tail.until->stream, report), 0, {}, false, false});
    }
}

void Shape::name_steps(Report& report) {
    std::unordered_map<std::string, std::uint32_t> known;
    std::unordered_map<std::string, std::uint32_t> unnamed;
    for (std::uint32_t number = 0; number < steps.size(); ++number) {
        const Place& place = places[steps[number].place];
        const auto& step = std::get<dsl::Step>((*file_)[place.node].node);
        std::string text = step.event.stream.text;
        if (step.name) {
            text = step.name->text;
        } else if (const std::uint32_t nth = ++unnamed[text]; nth > 1) {
            text += fmt::format("_{}", nth);
        }
        const dsl::Name written{text, step.name ? step.name->span : step.event.stream.span};
        const auto [found, is_new] = known.emplace(text, static_cast<std::uint32_t>(names.size()));
        if (is_new) {
            names.push_back({text, written.span, place.stream, {number}, step.name.has_value()});
            if (step.name && text == "prev") {
                report.error("E0220", written.span, "`prev` cannot be a step's name: it is the event taken last");
            }
        } else {
            share_name(found->second, number, written, report);
        }
        steps[number].name = found->second;
    }
}

void Shape::share_name(std::uint32_t name, std::uint32_t step, const dsl::Name& written, Report& report) {
    StepName& first = names[name];
    const Place& place = places[steps[step].place];
    const bool apart = std::ranges::all_of(
        first.steps, [&](std::uint32_t other) { return in_different_branches(places[steps[other].place].node, place.node); });
    const std::vector<Note> notes{{first.span, "the first is here"}};
    if (!apart) {
        report.error("E0214", written.span, fmt::format("two steps are named `{}`", written.text),
                     "only different branches of one `or` may use the same name", notes);
    } else if (first.stream != nullptr && place.stream != nullptr && first.stream != place.stream) {
        report.error("E0214", written.span,
                     fmt::format("the branches use the name `{}` for different streams, `{}` and `{}`", written.text,
                                 first.stream->name, place.stream->name),
                     "a name in two branches of an `or` belongs to one stream", notes);
    }
    first.steps.push_back(step);
}

bool Shape::in_different_branches(dsl::PatternId a, dsl::PatternId b) const {
    while (a != b) {
        const Link& up_a = link(a);
        const Link& up_b = link(b);
        if (up_a.parent && up_b.parent && *up_a.parent == *up_b.parent) {
            const auto* either = std::get_if<dsl::Alternatives>(&(*file_)[*up_a.parent].node);
            return either != nullptr && either->kind == dsl::Alternatives::Kind::one_of;
        }
        if (up_a.depth >= up_b.depth && up_a.parent) {
            a = *up_a.parent;
        } else if (up_b.parent) {
            b = *up_b.parent;
        } else {
            return false;
        }
    }
    return false;
}

std::optional<std::uint32_t> Shape::find_name(std::string_view name) const {
    for (std::uint32_t i = 0; i < names.size(); ++i) {
        if (names[i].text == name) {
            return i;
        }
    }
    return std::nullopt;
}

std::vector<std::string_view> Shape::step_names() const {
    std::vector<std::string_view> out;
    for (const StepName& name : names) {
        out.push_back(name.text);
    }
    return out;
}

bool Shape::may_precede(std::uint32_t step, const Place& place) const {
    dsl::PatternId a = places[steps[step].place].node;
    dsl::PatternId b = place.node;
    const auto in_loop = [&](std::optional<dsl::PatternId> at) {
        for (; at; at = link(*at).parent) {
            const dsl::Tail* tail = tail_of((*file_)[*at]);
            if (tail != nullptr && loops(*tail)) {
                return true;
            }
        }
        return false;
    };
    // `until` looks from behind the item that it belongs to.
    if (place.kind == Place::Kind::until) {
        for (std::optional<dsl::PatternId> at = a; at; at = link(*at).parent) {
            if (*at == b) {
                return true;
            }
        }
    }
    if (a == b) {
        return true;
    }
    while (link(a).parent != link(b).parent) {
        if (link(a).depth >= link(b).depth) {
            a = *link(a).parent;
        } else {
            b = *link(b).parent;
        }
    }
    const std::optional<dsl::PatternId> both = link(a).parent;
    if (in_loop(both)) {
        return true;
    }
    if (const auto* either = std::get_if<dsl::Alternatives>(&(*file_)[*both].node)) {
        return either->kind == dsl::Alternatives::Kind::all_of;
    }
    return link(a).index < link(b).index;
}

bool Shape::name_may_precede(std::uint32_t name, const Place& place) const {
    return std::ranges::any_of(names[name].steps, [&](std::uint32_t step) { return may_precede(step, place); });
}

bool Shape::may_skip(dsl::PatternId id) const {
    const dsl::Pattern& pattern = (*file_)[id];
    if (const dsl::Tail* tail = tail_of(pattern)) {
        return tail->times && tail->times->min == 0;
    }
    if (const auto* sequence = std::get_if<dsl::Sequence>(&pattern.node)) {
        return std::ranges::all_of(sequence->parts, [&](const auto& part) { return may_skip(part.item); });
    }
    return std::holds_alternative<dsl::NotItem>(pattern.node);  // an item of `and`/`or` takes an event
}

std::vector<std::uint32_t> Shape::last_of(dsl::PatternId id) const {
    const dsl::Pattern& pattern = (*file_)[id];
    std::vector<std::uint32_t> out;
    if (std::holds_alternative<dsl::Step>(pattern.node)) {
        out.push_back(places[places_of(id).front()].step);
    } else if (const auto* group = std::get_if<dsl::Group>(&pattern.node)) {
        return last_of(group->body);
    } else if (const auto* either = std::get_if<dsl::Alternatives>(&pattern.node)) {
        for (const dsl::PatternId item : either->items) {
            unite(out, last_of(item));
        }
    } else if (const auto* sequence = std::get_if<dsl::Sequence>(&pattern.node)) {
        for (std::size_t i = sequence->parts.size(); i-- > 0;) {
            unite(out, last_of(sequence->parts[i].item));
            if (!may_skip(sequence->parts[i].item)) {
                break;
            }
        }
    }
    return out;
}

void Shape::settle(dsl::PatternId id, Place::Kind kind, const Before& before, bool last) {
    for (const std::size_t at : places_of(id)) {
        if (places[at].kind == kind) {
            places[at].before = before.steps;
            places[at].may_be_first = before.none;
            places[at].may_be_last = last;
        }
    }
}

/// Settles what is in the node, given what can come before it; gives what can come before what follows it.
Shape::Before Shape::flow(dsl::PatternId id, Before before, bool last) {
    const dsl::Pattern& pattern = (*file_)[id];
    if (const dsl::Tail* tail = tail_of(pattern)) {
        return flow_tail(id, *tail, std::move(before), last);
    }
    if (std::holds_alternative<dsl::NotItem>(pattern.node)) {
        settle(id, Place::Kind::absent, before, last);
        return before;
    }
    if (const auto* sequence = std::get_if<dsl::Sequence>(&pattern.node)) {
        std::vector<bool> ends(sequence->parts.size(), last);
        for (std::size_t i = sequence->parts.size() - 1; i-- > 0;) {
            ends[i] = ends[i + 1] && may_skip(sequence->parts[i + 1].item);
        }
        for (std::size_t i = 0; i < sequence->parts.size(); ++i) {
            before = flow(sequence->parts[i].item, std::move(before), ends[i]);
        }
        return before;
    }
    const auto& either = std::get<dsl::Alternatives>(pattern.node);
    Before after;
    for (std::size_t i = 0; i < either.items.size(); ++i) {
        Before here = before;
        for (std::size_t j = 0; either.kind == dsl::Alternatives::Kind::all_of && j < either.items.size(); ++j) {
            if (j != i) {
                unite(here.steps, last_of(either.items[j]));
            }
        }
        flow(either.items[i], std::move(here), last);
        unite(after.steps, last_of(either.items[i]));
    }
    return after;
}

Shape::Before Shape::flow_tail(dsl::PatternId id, const dsl::Tail& tail, Before before, bool last) {
    const std::vector<std::uint32_t> ends = last_of(id);
    Before inside = before;
    if (loops(tail)) {
        unite(inside.steps, ends);
    }
    Before behind = before;
    unite(behind.steps, ends);
    settle(id, Place::Kind::until, behind, last);
    if (const auto* group = std::get_if<dsl::Group>(&(*file_)[id].node)) {
        flow(group->body, inside, last);
    } else {
        settle(id, Place::Kind::step, inside, last);
    }
    if (may_skip(id)) {
        return behind;
    }
    return {ends, false};
}

}  // namespace tocsin::compiler
