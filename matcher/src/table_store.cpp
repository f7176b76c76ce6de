#include <tocsin/matcher/table_store.hpp>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "row_archive.hpp"

namespace tocsin::matcher {

TableStore::TableStore(const PartitionTable& partitions, std::size_t width, std::vector<std::uint32_t> telling)
    : partitions_(&partitions), all_(width), telling_(std::move(telling)) {
    std::iota(all_.begin(), all_.end(), std::uint32_t{0});
}

TableStore::Entry& TableStore::entry_of(const event::Value& key) {
    const auto found = keys_.find(key);
    return found != keys_.end() ? *found : *keys_.emplace(plan::Constant::of(key), History{}).first;
}

RowChanges TableStore::apply(const event::Value& key, const Position& position, RowPtr row) {
    Entry& entry = entry_of(key);
    std::vector<RowVersion>& versions = entry.second.versions;
    const auto next = std::upper_bound(
        versions.begin(), versions.end(), position,
        [&](const Position& at, const RowVersion& version) { return compare(at, version.position, *partitions_) < 0; });
    const RowPtr before = next == versions.begin() ? nullptr : std::prev(next)->row;
    RowChanges made;
    if (changes(before, row)) {
        made.added.push_back({position, before, row});
    }
    if (next != versions.end() && !identical(before, row)) {
        if (changes(before, next->row)) {
            made.removed.push_back({next->position, before, next->row});
        }
        if (changes(row, next->row)) {
            made.added.push_back({next->position, row, next->row});
        }
    }
    versions.insert(next, {position, std::move(row)});
    ++versions_;
    queue(entry);
    return made;
}

RowChanges TableStore::replace(const event::Value& key, std::vector<RowVersion> versions) {
    Entry& entry = entry_of(key);
    trim(versions);
    RowChanges made = difference(entry.second.versions, versions);
    versions_ = versions_ - entry.second.versions.size() + versions.size();
    entry.second.versions = std::move(versions);
    queue(entry);
    return made;
}

const Row* TableStore::as_of(const event::Value& key, EventTime time) const {
    const std::span<const RowVersion> versions = history(key);
    const auto next = std::upper_bound(versions.begin(), versions.end(), time,
                                       [](EventTime at, const RowVersion& version) { return at < version.position.time; });
    return next == versions.begin() ? nullptr : std::prev(next)->row.get();
}

std::span<const RowVersion> TableStore::history(const event::Value& key) const {
    const auto found = keys_.find(key);
    return found == keys_.end() ? std::span<const RowVersion>() : found->second.versions;
}

/// How many versions are before `time`.
std::size_t TableStore::before(const std::vector<RowVersion>& versions, EventTime time) const {
    const auto first = std::partition_point(versions.begin(), versions.end(),
                                            [&](const RowVersion& version) { return version.position.time < time; });
    return static_cast<std::size_t>(first - versions.begin());
}

/// Keeps the last version before the horizon, which is the row there, and what comes later. A deleted row before the horizon is
/// the same as no version.
void TableStore::trim(std::vector<RowVersion>& versions) const {
    const std::size_t old = before(versions, horizon_);
    if (old == 0) {
        return;
    }
    const std::size_t forgotten = versions[old - 1].row == nullptr ? old : old - 1;
    versions.erase(versions.begin(), versions.begin() + static_cast<std::ptrdiff_t>(forgotten));
}

/// Versions before the horizon are no changes any more: what they changed is settled.
std::vector<RowChange> TableStore::changes_of(const std::vector<RowVersion>& versions) const {
    std::vector<RowChange> out;
    RowPtr row;
    for (const RowVersion& version : versions) {
        if (version.position.time >= horizon_ && changes(row, version.row)) {
            out.push_back({version.position, row, version.row});
        }
        row = version.row;
    }
    return out;
}

RowChanges TableStore::difference(const std::vector<RowVersion>& old, const std::vector<RowVersion>& now) const {
    std::vector<RowChange> left = changes_of(old);
    std::vector<RowChange> right = changes_of(now);
    RowChanges out;
    auto a = left.begin();
    auto b = right.begin();
    while (a != left.end() || b != right.end()) {
        const auto order = a == left.end()    ? std::strong_ordering::greater
                           : b == right.end() ? std::strong_ordering::less
                                              : compare(a->position, b->position, *partitions_);
        if (order == 0 && identical(a->before, b->before) && identical(a->after, b->after)) {
            ++a;
            ++b;
            continue;
        }
        if (order <= 0) {
            out.removed.push_back(std::move(*a++));
        }
        if (order >= 0) {
            out.added.push_back(std::move(*b++));
        }
    }
    return out;
}

/// Notes when something of the history can be forgotten: once its second version is before the horizon, or its first if that
/// is a deletion.
void TableStore::queue(Entry& entry) {
    History& history = entry.second;
    const std::vector<RowVersion>& versions = history.versions;
    if (history.queued) {
        return;
    }
    if (versions.empty()) {
        history.queued = true;
        due_.push({EventTime::lowest(), &entry});
    } else if (versions.front().row == nullptr || versions.size() > 1) {
        history.queued = true;
        due_.push({versions[versions.front().row == nullptr ? 0 : 1].position.time, &entry});
    }
}

void TableStore::compact(EventTime horizon, const Forgotten& forgotten) {
    horizon_ = std::max(horizon_, horizon);
    while (!due_.empty() && due_.top().time < horizon_) {
        Entry& entry = *due_.top().entry;
        due_.pop();
        entry.second.queued = false;
        const std::size_t old = entry.second.versions.size();
        trim(entry.second.versions);
        versions_ -= old - entry.second.versions.size();
        if (!entry.second.versions.empty()) {
            queue(entry);
            continue;
        }
        if (forgotten) {
            forgotten(entry.first.view());
        }
        keys_.erase(keys_.find(entry.first));
    }
}

void TableStore::save(StateWriter& out, RowWriter& rows) {
    std::vector<Entry*> sorted;
    for (Entry& entry : keys_) {
        sorted.push_back(&entry);
    }
    std::sort(sorted.begin(), sorted.end(),
              [](const Entry* a, const Entry* b) { return event::total_order(a->first.view(), b->first.view()) < 0; });
    std::unordered_map<const Entry*, EventTime> due;
    for (auto queue = due_; !queue.empty(); queue.pop()) {
        due.emplace(queue.top().entry, queue.top().time);
    }
    out(horizon_, versions_);
    out.number(sorted.size());
    for (Entry* const entry : sorted) {
        plan::Constant key = entry->first;
        auto& [versions, queued] = entry->second;
        out(key, queued);
        if (queued) {
            out(due.at(entry));
        }
        out.number(versions.size());
        for (RowVersion& version : versions) {
            out(version.position);
            rows.row(version.row);
        }
    }
}

void TableStore::restore(StateReader& in, RowReader& rows) {
    in(horizon_, versions_);
    for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
        plan::Constant key;
        in(key);
        Entry& entry = *keys_.try_emplace(std::move(key)).first;
        in(entry.second.queued);
        if (entry.second.queued) {
            EventTime time;
            in(time);
            due_.push({time, &entry});
        }
        for (std::size_t versions = in.count(); versions > 0 && in.ok(); --versions) {
            RowVersion& version = entry.second.versions.emplace_back();
            in(version.position);
            version.row = rows.row();
        }
    }
}

}  // namespace tocsin::matcher
