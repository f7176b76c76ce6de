// Patterns. `a and b` becomes what the language says it is: `(a -> b) or (b -> a)`.
#include "parse_pattern.hpp"

#include <algorithm>

namespace reference {

NodePtr PatternParser::node(Node::Kind kind) {
    auto n = std::make_shared<Node>();
    n->kind = kind;
    n->id = next_id_++;
    return n;
}

EventSpec PatternParser::event() {
    EventSpec spec;
    spec.stream_name = in_.name();
    if (in_.accept("[")) {
        spec.condition = parse_expression(in_);
        in_.expect("]");
    }
    return spec;
}

int PatternParser::step_number(const std::string& name, const std::string& stream) {
    const auto found = std::find(rule_.steps.begin(), rule_.steps.end(), name);
    if (found != rule_.steps.end()) {
        return static_cast<int>(found - rule_.steps.begin());
    }
    rule_.steps.push_back(name);
    step_stream_names_.push_back(stream);
    return static_cast<int>(rule_.steps.size()) - 1;
}

void PatternParser::times(Node& loop) {
    const bool starts = in_.is("+") || in_.is("*") || in_.is("?") || in_.is("{");
    if (!starts) {
        return;
    }
    const std::string symbol = in_.next().text;
    loop.min = symbol == "+" ? 1 : 0;
    loop.max = symbol == "?" ? 1 : kUnbounded;
    if (symbol == "{") {
        loop.min = loop.max = in_.integer();
        if (in_.accept(",")) {
            loop.max = in_.is("}") ? kUnbounded : in_.integer();
        }
        in_.expect("}");
    }
    for (;;) {
        if (in_.accept("strict")) {
            loop.inner = Link::kStrict;
        } else if (in_.accept("any")) {
            loop.inner = Link::kAny;
        } else if (in_.accept("lazy")) {
            loop.mode = Mode::kLazy;
        } else if (in_.accept("each")) {
            loop.mode = Mode::kEach;
        } else {
            return;
        }
    }
}

NodePtr PatternParser::item() {
    if (in_.accept("not")) {
        NodePtr negated = node(Node::Kind::kNot);
        negated->event = event();
        if (in_.accept("in")) {
            negated->in_us = in_.duration();
        }
        return negated;
    }
    NodePtr loop = node(Node::Kind::kLoop);
    if (in_.accept("(")) {
        loop->parts.push_back(pattern());
        in_.expect(")");
    } else {
        NodePtr step = node(Node::Kind::kStep);
        std::string name;
        if (in_.is(":", 1)) {
            name = in_.name();
            in_.next();
        }
        step->event = event();
        if (name.empty()) {
            // The second step without a name of a stream is `Login_2`.
            name = step->event.stream_name;
            const int count = ++unnamed_[name];
            name += count > 1 ? "_" + std::to_string(count) : "";
        }
        step->step = step_number(name, step->event.stream_name);
        loop->parts.push_back(step);
    }
    times(*loop);
    if (in_.accept("until")) {
        loop->until = event();
    }
    if (in_.accept("in")) {
        loop->in_us = in_.duration();
    }
    return loop;
}

// All orders: the one taken first, then `and` of the rest.
NodePtr PatternParser::every_order(const std::vector<NodePtr>& items) {
    if (items.size() == 1) {
        return items.front();
    }
    NodePtr either = node(Node::Kind::kOr);
    for (std::size_t first = 0; first < items.size(); ++first) {
        std::vector<NodePtr> rest = items;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(first));
        NodePtr sequence = node(Node::Kind::kSequence);
        // A last item must take an event too, as one branch of an `or` must.
        NodePtr tail = every_order(rest);
        if (rest.size() == 1) {
            NodePtr needed = node(Node::Kind::kOr);
            needed->parts = {tail};
            tail = needed;
        }
        NodePtr head = node(Node::Kind::kOr);
        head->parts = {items[first]};
        sequence->parts = {head, tail};
        sequence->links = {Link::kNext, Link::kNext};
        either->parts.push_back(sequence);
    }
    return either;
}

NodePtr PatternParser::part() {
    std::vector<NodePtr> items{item()};
    if (!in_.is("and") && !in_.is("or")) {
        return items.front();
    }
    const std::string word = in_.peek().text;
    while (in_.accept(word)) {
        items.push_back(item());
    }
    if (in_.is("and") || in_.is("or")) {
        in_.fail("a mix of and/or needs ( )");
    }
    if (word == "and") {
        return every_order(items);
    }
    NodePtr either = node(Node::Kind::kOr);
    either->parts = items;
    return either;
}

NodePtr PatternParser::pattern() {
    NodePtr sequence = node(Node::Kind::kSequence);
    Link link = Link::kNext;
    for (;;) {
        sequence->parts.push_back(part());
        sequence->links.push_back(link);
        if (in_.accept("->")) {
            link = Link::kNext;
        } else if (in_.accept("=>")) {
            link = Link::kStrict;
        } else if (in_.accept("~>")) {
            link = Link::kAny;
        } else {
            return sequence;
        }
    }
}

}  // namespace reference
