#pragma once

#include <string>

namespace tocsin::test {

/// A folder that is removed with all in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
    /// Writes a file and gives its path.
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const;

private:
    std::string folder_;
};

}  // namespace tocsin::test
