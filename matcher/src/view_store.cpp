#include <tocsin/matcher/view_store.hpp>

#include <algorithm>

namespace tocsin::matcher {

ViewStore::ViewStore(const plan::TablePlan& view, const TableStore& left, const TableStore& right,
                     const PartitionTable& partitions, Where where)
    : join_(*view.join),
      left_(&left),
      right_(&right),
      partitions_(&partitions),
      where_(std::move(where)),
      rows_(partitions, left.width() + right.width(), view.telling) {}

void ViewStore::left_changed(const event::Value& key, std::vector<KeyedChanges>& out) {
    refer(key);
    recompute(key, out);
}

void ViewStore::right_changed(const event::Value& key, std::vector<KeyedChanges>& out) {
    const auto found = referring_.find(key);
    if (found == referring_.end()) {
        return;
    }
    for (const plan::Constant& left : found->second) {
        recompute(left.view(), out);
    }
}

void ViewStore::recompute(const event::Value& key, std::vector<KeyedChanges>& out) {
    RowChanges changes = rows_.replace(key, compose(key));
    if (!changes.empty()) {
        out.push_back({plan::Constant::of(key), std::move(changes)});
    }
}

/// The left versions of the key, cut where the row that they refer to changes.
std::vector<RowVersion> ViewStore::compose(const event::Value& key) const {
    std::vector<RowVersion> out;
    const std::span<const RowVersion> left = left_->history(key);
    for (std::size_t i = 0; i < left.size(); ++i) {
        const auto& [from, row] = left[i];
        const event::Value reference = row == nullptr ? event::Value() : (*row)[join_.on];
        const std::span<const RowVersion> right =
            reference.is_null() ? std::span<const RowVersion>() : right_->history(reference);
        const auto is_behind = [&](const Position& at) {
            return [&, at](const RowVersion& version) { return compare(version.position, at, *partitions_) <= 0; };
        };
        auto next = std::partition_point(right.begin(), right.end(), is_behind(from));
        add(out, from, joined(row, next == right.begin() ? nullptr : std::prev(next)->row));
        for (; next != right.end(); ++next) {
            if (i + 1 < left.size() && compare(next->position, left[i + 1].position, *partitions_) >= 0) {
                break;
            }
            add(out, next->position, joined(row, next->row));
        }
    }
    return out;
}

RowPtr ViewStore::joined(const RowPtr& left, const RowPtr& right) const {
    if (left == nullptr || (right == nullptr && !join_.keep_unmatched)) {
        return nullptr;
    }
    RowPtr row = Row::joined(left, right, left_->width());
    return where_ && !where_(*row) ? nullptr : row;
}

void ViewStore::add(std::vector<RowVersion>& versions, const Position& position, RowPtr row) {
    const bool there = !versions.empty() && versions.back().row != nullptr;
    if (there || row != nullptr) {
        versions.push_back({position, std::move(row)});
    }
}

/// Brings up to date what the versions of a left key refer to.
void ViewStore::refer(const event::Value& key) {
    KeySet now;
    for (const RowVersion& version : left_->history(key)) {
        const event::Value reference = version.row == nullptr ? event::Value() : (*version.row)[join_.on];
        if (!reference.is_null()) {
            now.insert(plan::Constant::of(reference));
        }
    }
    const plan::Constant own = plan::Constant::of(key);
    KeySet& old = referred_[own];
    for (const plan::Constant& gone : old) {
        if (now.contains(gone)) {
            continue;
        }
        const auto found = referring_.find(gone);
        found->second.erase(own);
        if (found->second.empty()) {
            referring_.erase(found);
        }
    }
    for (const plan::Constant& one : now) {
        if (!old.contains(one)) {
            referring_[one].insert(own);
        }
    }
    if (now.empty()) {
        referred_.erase(own);
    } else {
        old = std::move(now);
    }
}

void ViewStore::restore(StateReader& in, RowReader& rows) {
    rows_.restore(in, rows);
    left_->for_each_key([&](const event::Value& key) { refer(key); });
}

}  // namespace tocsin::matcher
