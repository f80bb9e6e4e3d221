#include "net/open_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace livefair::net {

Result<std::shared_ptr<const OpenFile>> OpenFile::open(const std::string& path) {
    // O_NONBLOCK: a named pipe must not hold the caller; it has no effect on a regular file.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return make_error_code(errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? Errc::not_found : Errc::internal);
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        ::close(fd);
        return make_error_code(Errc::not_found);
    }
    return std::shared_ptr<const OpenFile>(new OpenFile(fd, static_cast<std::uint64_t>(info.st_size), false));
}

Result<std::shared_ptr<const OpenFile>> OpenFile::in_memory(const std::vector<SharedBytes>& bytes) {
    const int fd = ::memfd_create("livefair", MFD_CLOEXEC);
    if (fd < 0) return make_error_code(Errc::internal);
    std::uint64_t size = 0;
    for (const auto& part : bytes) size += part->size();
    const std::shared_ptr<const OpenFile> file(new OpenFile(fd, size, true));
    for (const auto& part : bytes) {
        for (std::size_t done = 0; done < part->size();) {
            const auto count = ::write(fd, part->data() + done, part->size() - done);
            if (count <= 0) return make_error_code(Errc::internal);
            done += static_cast<std::size_t>(count);
        }
    }
    return file;
}

OpenFile::~OpenFile() { ::close(fd_); }

std::string OpenFile::read_cached(std::uint64_t offset, std::size_t length) const {
    std::string bytes(length, '\0');
    const iovec place{bytes.data(), bytes.size()};
    const auto count = ::preadv2(fd_, &place, 1, static_cast<off_t>(offset), RWF_NOWAIT);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
}

Result<std::string> OpenFile::read(std::uint64_t offset, std::size_t length) const {
    std::string bytes(length, '\0');
    for (std::size_t done = 0; done < length;) {
        const auto count = ::pread(fd_, bytes.data() + done, length - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return make_error_code(Errc::internal);
        done += static_cast<std::size_t>(count);
    }
    return bytes;
}

Result<std::size_t> OpenFile::send(int socket, std::uint64_t offset, std::size_t length) const {
    auto from = static_cast<off_t>(offset);
    const auto count = ::sendfile(socket, fd_, &from, length);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return make_error_code(Errc::closed);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace livefair::net
