#pragma once

#include <filesystem>
#include <string>

namespace livefair::test {

/// A new folder under the system's temporary folder; removed with all that is in it by the destructor.
/// Its path is short enough for a unix socket inside (sun_path holds 107 bytes).
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

/// Writes `text` to `path`, making parent folders.
void write_file(const std::filesystem::path& path, const std::string& text);
/// The whole file; empty when it can't be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace livefair::test
