#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/errc.hpp"

namespace livefair::net {

/// A regular file, open for reading by any number of answers at once, on any thread. Closed with its last holder; stays readable
/// when it is deleted meanwhile.
class OpenFile {
public:
    /// Blocks on the disk: not for a shard. Follows no symbolic link in the last component.
    /// Errors: Errc::not_found - no regular file of this name; internal - the system refuses.
    static Result<std::shared_ptr<const OpenFile>> open(const std::string& path);
    /// These bytes one after the other as a file without a name, in memory; the bytes are copied, once. Never waits for a disk.
    /// Errors: Errc::internal - no memory or no descriptor left.
    static Result<std::shared_ptr<const OpenFile>> in_memory(const std::vector<SharedBytes>& bytes);
    ~OpenFile();
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    /// Bytes when it was opened.
    std::uint64_t size() const { return size_; }
    /// At most `length` bytes from `offset`, as many as lie in memory; never waits for the disk. Empty: none do, or it can't be told.
    std::string read_cached(std::uint64_t offset, std::size_t length) const;
    /// `length` bytes from `offset`. Blocks. Errors: Errc::internal - a read error, or the file has become shorter.
    Result<std::string> read(std::uint64_t offset, std::size_t length) const;

    bool is_in_memory() const { return is_in_memory_; }
    /// Hands at most `length` bytes from `offset` to a socket that doesn't block, as many as it has room for (0: none), without a copy:
    /// the network reads the file's own pages. For files in memory; one on a disk would hold up the caller.
    /// Errors: Errc::closed - the connection has ended.
    Result<std::size_t> send(int socket, std::uint64_t offset, std::size_t length) const;

private:
    OpenFile(int fd, std::uint64_t size, bool is_in_memory) : fd_(fd), size_(size), is_in_memory_(is_in_memory) {}
    const int fd_;
    const std::uint64_t size_;
    const bool is_in_memory_;
};

/// A range of a file, as the body of an answer.
struct FileBody {
    std::shared_ptr<const OpenFile> file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

}  // namespace livefair::net
