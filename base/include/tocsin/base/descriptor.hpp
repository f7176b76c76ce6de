#pragma once

#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>

namespace tocsin {

/// An open file of the system, or none (below 0). Closes it.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

/// All of it, or Errc::io with `name` in the message.
[[nodiscard]] Result<void> write_all(int descriptor, std::string_view bytes, const std::string& name);

}  // namespace tocsin
