#include "generate_model.hpp"

#include <algorithm>

namespace reference {
namespace {

std::string print_event(const PatternEvent& event) {
    std::string out = event.stream;
    for (std::size_t i = 0; i < event.conditions.size(); ++i) {
        out += (i == 0 ? "[" : " and ") + event.conditions[i].text;
    }
    return out + (event.conditions.empty() ? "" : "]");
}

std::string print_sequence(const PatternNode& group);

std::string print_node(const PatternNode& node) {
    std::string out;
    switch (node.kind) {
        case PatternNode::Kind::kNot: out = "not " + print_event(node.event); break;
        case PatternNode::Kind::kStep: out = node.name + ": " + print_event(node.event); break;
        case PatternNode::Kind::kGroup: out = "(" + print_sequence(node) + ")"; break;
        case PatternNode::Kind::kAnd:
        case PatternNode::Kind::kOr:
            for (std::size_t i = 0; i < node.children.size(); ++i) {
                out += (i == 0 ? "" : node.kind == PatternNode::Kind::kAnd ? " and " : " or ") + print_node(node.children[i]);
            }
            return out;
    }
    out += node.times + (node.words.empty() ? "" : " " + node.words);
    if (node.until) {
        out += " until " + print_event(*node.until);
    }
    if (node.in_seconds > 0) {
        out += " in " + std::to_string(node.in_seconds) + "s";
    }
    return out;
}

std::string print_sequence(const PatternNode& group) {
    std::string out;
    for (std::size_t i = 0; i < group.children.size(); ++i) {
        out += (i == 0 ? "" : " " + group.links[i - 1] + " ") + print_node(group.children[i]);
    }
    return out;
}

// Which names a phrase may use, walking the pattern in the order in which it is written.
class Sweep {
   public:
    std::set<std::string> visible;

    void sequence(PatternNode& group, bool& started) {
        for (PatternNode& child : group.children) {
            part(child, started);
        }
    }

   private:
    void part(PatternNode& node, bool& started) {
        if (node.kind == PatternNode::Kind::kAnd || node.kind == PatternNode::Kind::kOr) {
            const std::set<std::string> before = visible;
            std::set<std::string> after = visible;
            for (PatternNode& item : node.children) {
                visible = before;
                bool own = started;
                part(item, own);
                after.insert(visible.begin(), visible.end());
            }
            visible = after;
            started = true;
            return;
        }
        if (node.kind == PatternNode::Kind::kNot) {
            keep_known(node.event, started);
            return;
        }
        bool inside = started;
        if (node.kind == PatternNode::Kind::kGroup) {
            sequence(node, inside);
        } else {
            visible.insert(node.name);
            keep_known(node.event, true, !started);
            inside = true;
        }
        if (node.until) {
            keep_known(*node.until, true, !started);
        }
        started = started || (inside && !node.can_be_skipped());
    }

    void keep_known(PatternEvent& event, bool any_step, bool no_prev = false) const {
        std::erase_if(event.conditions, [&](const Phrase& phrase) {
            return std::any_of(phrase.steps.begin(), phrase.steps.end(), [&](const std::string& step) {
                return !any_step || (step == "prev" ? no_prev : !visible.contains(step));
            });
        });
    }
};

bool has_step(const PatternNode& group) {
    return std::any_of(group.children.begin(), group.children.end(), [](const PatternNode& n) { return n.kind != PatternNode::Kind::kNot; });
}

void drop_child(PatternNode& node, std::size_t i) {
    node.children.erase(node.children.begin() + static_cast<std::ptrdiff_t>(i));
    if (!node.links.empty()) {
        node.links.erase(node.links.begin() + static_cast<std::ptrdiff_t>(i == 0 ? 0 : i - 1));
    }
}

// Every tree that is `node` with one thing less.
std::vector<PatternNode> simpler(const PatternNode& node, bool root) {
    std::vector<PatternNode> out;
    const bool choice = node.kind == PatternNode::Kind::kAnd || node.kind == PatternNode::Kind::kOr;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        PatternNode less = node;
        drop_child(less, i);
        if (choice ? less.children.size() > 1 : !less.children.empty() && has_step(less)) {
            out.push_back(less);
        }
        if (!root && node.children[i].kind != PatternNode::Kind::kNot) {
            out.push_back(node.children[i]);
        }
        for (PatternNode& child : simpler(node.children[i], false)) {
            // A choice cannot stand directly in a choice.
            const bool child_choice = child.kind == PatternNode::Kind::kAnd || child.kind == PatternNode::Kind::kOr;
            PatternNode changed = node;
            changed.children[i] = child;
            if (!(choice && child_choice)) {
                out.push_back(std::move(changed));
            }
        }
    }
    const auto with = [&](auto change) {
        PatternNode changed = node;
        change(changed);
        out.push_back(std::move(changed));
    };
    if (!node.times.empty()) {
        with([](PatternNode& n) { n.times = n.words = ""; });
    }
    if (!node.words.empty()) {
        with([](PatternNode& n) { n.words = ""; });
    }
    if (node.until) {
        with([](PatternNode& n) { n.until.reset(); });
    }
    if (node.in_seconds > 0) {
        with([](PatternNode& n) { n.in_seconds = 0; });
    }
    for (std::size_t i = 0; i < node.event.conditions.size(); ++i) {
        with([i](PatternNode& n) { n.event.conditions.erase(n.event.conditions.begin() + static_cast<std::ptrdiff_t>(i)); });
    }
    for (std::size_t i = 0; i < node.links.size(); ++i) {
        if (node.links[i] != "->") {
            with([i](PatternNode& n) { n.links[i] = "->"; });
        }
    }
    return out;
}

}  // namespace

void drop_dangling(CaseModel& model) {
    Sweep sweep;
    bool started = false;
    sweep.sequence(model.pattern, started);
    std::erase_if(model.clauses, [&](const Phrase& phrase) {
        return std::any_of(phrase.steps.begin(), phrase.steps.end(), [&](const std::string& s) { return !sweep.visible.contains(s); });
    });
}

Case to_case(CaseModel model) {
    Case out;
    const std::string seen = model.window.empty() ? "when     " + print_sequence(model.pattern) : model.window;
    out.rules = model.streams + "\nrule r\n  " + seen + "\n";
    if (!model.key.empty()) {
        // Stream names are the only capital letters of a pattern.
        out.rules += "  by       " + (seen.find('T') == std::string::npos ? model.key.substr(0, 1) : model.key) + "\n";
    }
    for (const std::string& clause : model.needed) {
        out.rules += "  " + clause + "\n";
    }
    for (const Phrase& clause : model.clauses) {
        out.rules += "  " + clause.text + "\n";
    }
    out.lines = model.lines;
    out.description = model.description;
    out.model = std::make_shared<const CaseModel>(std::move(model));
    return out;
}

std::vector<Case> smaller(const Case& from) {
    std::vector<Case> out;
    const CaseModel& model = *from.model;
    for (std::size_t chunk = model.lines.size() / 2; chunk > 0; chunk /= 2) {
        for (std::size_t at = 0; at + chunk <= model.lines.size(); at += chunk) {
            CaseModel less = model;
            less.lines.erase(less.lines.begin() + static_cast<std::ptrdiff_t>(at), less.lines.begin() + static_cast<std::ptrdiff_t>(at + chunk));
            out.push_back(to_case(std::move(less)));
        }
    }
    for (std::size_t i = 0; i < model.clauses.size(); ++i) {
        CaseModel less = model;
        less.clauses.erase(less.clauses.begin() + static_cast<std::ptrdiff_t>(i));
        out.push_back(to_case(std::move(less)));
    }
    if (model.window.empty()) {
        for (PatternNode& pattern : simpler(model.pattern, true)) {
            CaseModel less = model;
            less.pattern = std::move(pattern);
            drop_dangling(less);
            out.push_back(to_case(std::move(less)));
        }
    }
    return out;
}

}  // namespace reference
