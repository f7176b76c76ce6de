#include <tocsin/delivery/endpoint.hpp>

#include <algorithm>

namespace tocsin::delivery {

Result<void> Endpoint::load() {
    return outbox_.pending_count(name_).map([&](std::uint64_t count) { note_pending(static_cast<std::int64_t>(count)); });
}

void Endpoint::note_pending(std::int64_t more) {
    pending_ += more;
    counters_.pending = static_cast<std::uint64_t>(std::max<std::int64_t>(pending_, 0));
}

}  // namespace tocsin::delivery
