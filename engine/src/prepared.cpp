#include "prepared.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <tocsin/matcher/key.hpp>

namespace tocsin::engine {

using matcher::ConditionIndex;
using plan::StreamId;

namespace {

/// The columns that hold the stream's fields, its time among them.
std::vector<bool> columns_of(const plan::Program& program, const plan::StreamPlan& stream) {
    std::vector<bool> columns(program.projection.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const event::ColumnSpec& column = program.projection[c];
        const bool is_time = column.type == event::Type::time && column.path == stream.time_path;
        const auto of = stream.of_rows ? event::ColumnSpec::Of::row : event::ColumnSpec::Of::record;
        const bool declared = std::ranges::any_of(stream.fields, [&](const plan::FieldPlan& field) {
            return field.path == column.path && field.type == column.type && column.of == of;
        });
        columns[c] = event::ColumnId{static_cast<std::uint32_t>(c)} == stream.time ||
                     (declared && column.unit == (is_time ? stream.time_unit : TimeUnit::ms));
    }
    return columns;
}

}  // namespace

PreparedBatch::PreparedBatch(std::unique_ptr<PreparedRows> rows) : rows_(std::move(rows)) {}
PreparedBatch::PreparedBatch(PreparedBatch&&) noexcept = default;
PreparedBatch& PreparedBatch::operator=(PreparedBatch&&) noexcept = default;
PreparedBatch::~PreparedBatch() = default;
std::size_t PreparedBatch::rows() const { return rows_->batch.rows(); }
const event::Batch& PreparedBatch::batch() const { return rows_->batch; }
std::span<const Member> PreparedBatch::members(std::size_t row) const {
    return std::span(rows_->members).subspan(rows_->member_begin[row], rows_->member_begin[row + 1] - rows_->member_begin[row]);
}
std::uint64_t PreparedBatch::mistyped_fields() const { return rows_->mistyped; }
EventTime PreparedBatch::time(std::size_t row) const { return rows_->times[row]; }

/// What one thread needs to prepare a batch; used again from batch to batch.
struct Preparer::Worker {
    explicit Worker(const std::shared_ptr<const matcher::Evaluator>& evaluator, std::size_t rules)
        : session(evaluator), hits_of(rules, 0) {}

    matcher::Evaluator::Session session;
    ConditionIndex::Workspace workspace;
    std::vector<std::uint32_t> found;
    std::vector<StreamId> streams;
    std::vector<std::uint64_t> hits_of;         ///< by rule, zero between rows
    std::vector<plan::RuleId> touched;
    std::vector<matcher::RoutingId> routings;
    std::vector<event::Value> parts;
    std::string key;
};

Preparer::Preparer(std::shared_ptr<const plan::Program> program, std::shared_ptr<const matcher::Evaluator> evaluator,
                   const matcher::RoutingTable& routing, const std::vector<Input>& inputs, std::uint32_t shards)
    : program_(std::move(program)), evaluator_(std::move(evaluator)), routing_(routing), shards_(shards), inputs_(inputs) {
    for (const Input& input : inputs) {
        assignments_.push_back(assign(input));
    }
    for (const plan::StreamPlan& stream : program_->streams) {
        declared_.push_back(columns_of(*program_, stream));
    }
    std::vector<std::vector<ConditionIndex::Entry>> entries(program_->streams.size());
    for (std::size_t p = 0; p < program_->predicates.size(); ++p) {
        const plan::Predicate& predicate = program_->predicates[p];
        entries[static_cast<std::size_t>(predicate.stream)].push_back({static_cast<std::uint32_t>(p), predicate.expr});
    }
    for (const auto& of_stream : entries) {
        predicates_.emplace_back(*program_, of_stream);
    }
}

Preparer::~Preparer() = default;

/// Batches note the mistyped fields row by row.
void Preparer::count_mistyped(PreparedRows& out) const {
    for (const event::Batch::Mistyped& one : out.batch.mistyped()) {
        const auto begin = out.members.begin() + out.member_begin[one.row];
        const auto end = out.members.begin() + out.member_begin[one.row + 1];
        out.mistyped += std::any_of(begin, end, [&](const Member& member) {
            return declared_[static_cast<std::size_t>(member.stream)][static_cast<std::size_t>(one.column)];
        }) ? 1U : 0U;
    }
}

bool Preparer::feeds(event::InputId input, StreamId stream) const {
    if ((*program_)[stream].origin != plan::StreamPlan::Origin::records) {
        return false;
    }
    const auto& from = (*program_)[stream].from;
    return !from || *from == inputs_[static_cast<std::size_t>(input)].name;
}

std::optional<StreamId> Preparer::stream_named(std::string_view name) const {
    for (std::size_t s = 0; s < program_->streams.size(); ++s) {
        if (program_->streams[s].origin == plan::StreamPlan::Origin::records && program_->streams[s].name == name) {
            return StreamId{static_cast<std::uint32_t>(s)};
        }
    }
    return std::nullopt;
}

Preparer::Assignment Preparer::assign(const Input& input) const {
    Assignment result;
    std::vector<ConditionIndex::Entry> wheres;
    std::vector<StreamId> named;        // by a `from`
    std::vector<StreamId> open;         // for any input
    for (std::size_t s = 0; s < program_->streams.size(); ++s) {
        const plan::StreamPlan& stream = program_->streams[s];
        const StreamId id{static_cast<std::uint32_t>(s)};
        if (stream.origin != plan::StreamPlan::Origin::records || (stream.from && *stream.from != input.name)) {
            continue;
        }
        (stream.from ? named : open).push_back(id);
        if (stream.where) {
            wheres.push_back({static_cast<std::uint32_t>(s), stream.where});
        } else {
            result.by_type.push_back(id);
        }
    }
    // The streams that name the input are its own; only where there is none do those for any input count.
    const std::vector<StreamId>& own = named.empty() ? open : named;
    if (own.size() == 1 && !(*program_)[own.front()].where) {
        result.only = own.front();
    }
    if (!wheres.empty()) {
        result.by_where.emplace(*program_, wheres);
    }
    return result;
}

std::unique_ptr<Preparer::Worker> Preparer::take_worker() {
    const std::lock_guard lock(mutex_);
    if (idle_workers_.empty()) {
        auto made = std::make_unique<Worker>(evaluator_, program_->rules.size());
        for (const ConditionIndex& index : predicates_) {
            made->workspace.serve(index);
        }
        for (const Assignment& assignment : assignments_) {
            if (assignment.by_where) {
                made->workspace.serve(*assignment.by_where);
            }
        }
        return made;
    }
    std::unique_ptr<Worker> worker = std::move(idle_workers_.back());
    idle_workers_.pop_back();
    return worker;
}

std::unique_ptr<PreparedRows> Preparer::prepare(event::Batch batch) { return prepare_rows(std::move(batch), std::nullopt); }

std::unique_ptr<PreparedRows> Preparer::prepare_made(event::Batch batch, StreamId stream) {
    return prepare_rows(std::move(batch), stream);
}

std::unique_ptr<PreparedRows> Preparer::prepare_rows(event::Batch batch, std::optional<StreamId> made) {
    auto out = std::make_unique<PreparedRows>(std::move(batch));
    std::unique_ptr<Worker> worker = take_worker();
    const std::size_t rows = out->batch.rows();
    out->times.reserve(rows);
    out->member_begin.reserve(rows + 1);
    out->routed_begin.reserve(rows + 1);
    EventTime time = EventTime::lowest();
    for (std::size_t row = 0; row < rows; ++row) {
        out->member_begin.push_back(static_cast<std::uint32_t>(out->members.size()));
        out->routed_begin.push_back(static_cast<std::uint32_t>(out->routed.size()));
        if (out->batch.header(row).kind == event::RecordKind::event) {
            if (made) {
                worker->streams.assign(1, *made);
            } else {
                find_streams(*worker, *out, row);
            }
            add_members(*worker, *out, row);
            find_touches(*worker, *out, row);
            add_routes(*worker, *out, row);
            for (std::size_t m = out->member_begin.back(); m < out->members.size(); ++m) {
                if (out->members[m].has_time) {
                    time = out->members[m].time;
                    break;
                }
            }
        }
        out->times.push_back(time);
    }
    out->member_begin.push_back(static_cast<std::uint32_t>(out->members.size()));
    out->routed_begin.push_back(static_cast<std::uint32_t>(out->routed.size()));
    count_mistyped(*out);
    out->overflows = worker->session.take_overflows();
    const std::lock_guard lock(mutex_);
    idle_workers_.push_back(std::move(worker));
    return out;
}

void Preparer::find_streams(Worker& worker, const PreparedRows& out, std::size_t row) const {
    const event::RecordHeader& header = out.batch.header(row);
    worker.streams.clear();
    if (!header.stream.empty()) {
        if (const auto stream = stream_named(header.stream)) {
            worker.streams.push_back(*stream);
        }
        return;
    }
    const Assignment& assignment = assignments_[static_cast<std::size_t>(out.batch.input())];
    if (assignment.by_where) {
        worker.found.clear();
        assignment.by_where->find(out.batch, row, worker.session, worker.workspace, worker.found);
        for (const std::uint32_t id : worker.found) {
            worker.streams.push_back(StreamId{id});
        }
    }
    for (const StreamId id : assignment.by_type) {
        if (id == assignment.only || (!header.type.empty() && (*program_)[id].name == header.type)) {
            worker.streams.push_back(id);
        }
    }
    std::sort(worker.streams.begin(), worker.streams.end());
}

void Preparer::add_members(Worker& worker, PreparedRows& out, std::size_t row) const {
    for (const StreamId id : worker.streams) {
        const event::Value time = out.batch.column((*program_)[id].time).value(row);
        out.members.push_back({id, !time.is_null(), time.is_null() ? EventTime() : time.as_time()});
    }
}

void Preparer::find_touches(Worker& worker, const PreparedRows& out, std::size_t row) const {
    worker.touched.clear();
    worker.routings.clear();
    for (std::size_t m = out.member_begin.back(); m < out.members.size(); ++m) {
        if (!out.members[m].has_time) {
            continue;
        }
        const auto stream = static_cast<std::size_t>(out.members[m].stream);
        for (const matcher::RoutingId routing : routing_.of_stream[stream]) {
            worker.routings.push_back(routing);
        }
        worker.found.clear();
        predicates_[stream].find(out.batch, row, worker.session, worker.workspace, worker.found);
        for (const std::uint32_t predicate : worker.found) {
            for (const matcher::Feed& feed : routing_.feeds[predicate]) {
                std::uint64_t& hits = worker.hits_of[static_cast<std::size_t>(feed.rule)];
                if (hits == 0) {
                    worker.touched.push_back(feed.rule);
                }
                hits |= std::uint64_t{1} << feed.condition;
            }
        }
    }
    std::sort(worker.routings.begin(), worker.routings.end());
    worker.routings.erase(std::unique(worker.routings.begin(), worker.routings.end()), worker.routings.end());
    std::sort(worker.touched.begin(), worker.touched.end(), [&](plan::RuleId a, plan::RuleId b) {
        const auto x = routing_.of_rule[static_cast<std::size_t>(a)];
        const auto y = routing_.of_rule[static_cast<std::size_t>(b)];
        return x != y ? x < y : a < b;
    });
}

void Preparer::add_routes(Worker& worker, PreparedRows& out, std::size_t row) const {
    auto touched = worker.touched.begin();
    for (const matcher::RoutingId id : worker.routings) {
        const matcher::Routing& routing = routing_.routings[static_cast<std::size_t>(id)];
        Routed route;
        route.routing = id;
        route.key_begin = static_cast<std::uint32_t>(out.keys.size());
        bool first = true;
        for (const plan::SourcePlan& source : routing.sources) {
            const auto begin = out.members.begin() + static_cast<std::ptrdiff_t>(out.member_begin.back());
            const auto member = std::find_if(begin, out.members.end(),
                                             [&](const Member& m) { return m.stream == source.stream && m.has_time; });
            if (member == out.members.end()) {
                continue;
            }
            if (first) {
                route.time = member->time;
                route.null_key = !encode(worker, out, row, source);
                out.keys.append(worker.key);
                route.key_size = static_cast<std::uint32_t>(worker.key.size());
                first = false;
            } else if (!route.null_key) {
                route.null_key = !encode(worker, out, row, source) || worker.key != out.key(route);
            }
        }
        // Rules without a key have one partition each, and those spread over the shards.
        const std::size_t hash = routing.sources.front().key.empty() ? static_cast<std::size_t>(id)
                                                                     : std::hash<std::string_view>{}(out.key(route));
        route.shard = static_cast<std::uint32_t>(hash % shards_);
        route.touch_begin = static_cast<std::uint32_t>(out.touches.size());
        for (; touched != worker.touched.end() && routing_.of_rule[static_cast<std::size_t>(*touched)] == id; ++touched) {
            std::uint64_t& hits = worker.hits_of[static_cast<std::size_t>(*touched)];
            out.touches.push_back({*touched, hits});
            hits = 0;
        }
        route.touch_end = static_cast<std::uint32_t>(out.touches.size());
        out.routed.push_back(route);
    }
}

/// The row's key for one source into worker.key; false if a part is null.
bool Preparer::encode(Worker& worker, PreparedRows& out, std::size_t row, const plan::SourcePlan& source) const {
    worker.parts.clear();
    worker.key.clear();
    for (const event::ColumnId column : source.key) {
        worker.parts.push_back(out.batch.column(column).value(row));
        if (worker.parts.back().is_null()) {
            return false;
        }
    }
    matcher::encode_key(worker.key, worker.parts);
    return true;
}

}  // namespace tocsin::engine
