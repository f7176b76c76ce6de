#include <tocsin/base/descriptor.hpp>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

namespace tocsin {

Descriptor::~Descriptor() {
    if (number_ >= 0) {
        ::close(number_);
    }
}

Result<void> write_all(int descriptor, std::string_view bytes, const std::string& name) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return fail(Errc::io, fmt::format("cannot write to {}: {}", name, std::strerror(errno)));
        }
        bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace tocsin
