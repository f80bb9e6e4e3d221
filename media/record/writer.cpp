#include "record/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <utility>

#include "hls/playlist.hpp"

namespace livefair::record {
namespace {

constexpr mode_t file_mode = 0640;

}  // namespace

std::string recording_id(std::int64_t start_ms) {
    const std::time_t time = start_ms / 1000;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts)};
}

Writer::Writer(std::string folder) : folder_(std::move(folder)), id_(std::filesystem::path(folder_).filename().string()) {}

Writer::~Writer() {
    if (segment_fd_ >= 0) ::close(segment_fd_);
    if (manifest_fd_ >= 0) ::close(manifest_fd_);
}

Result<std::unique_ptr<Writer>> Writer::begin(const std::string& dir, const RoomId& room, std::int64_t start_ms) {
    const auto id = recording_id(start_ms);
    const auto folder = std::filesystem::path(dir) / room.str() / id;
    std::error_code ec;
    std::filesystem::create_directories(folder, ec);
    if (ec) return make_error_code(Errc::internal);
    std::unique_ptr<Writer> writer(new Writer(folder.string()));
    if (const auto opened = writer->open_manifest(0); !opened) return opened.error();
    if (const auto begun = writer->add(BeginEntry{room.str(), id, start_ms}); !begun) return begun.error();
    return writer;
}

Result<std::unique_ptr<Writer>> Writer::resume(const std::string& folder) {
    const auto manifest = read_manifest(folder);
    if (!manifest) return manifest.error();
    const auto recording = to_recording(*manifest);
    if (!recording) return recording.error();
    if (manifest->torn || manifest->broken_line || recording->ended) return make_error_code(Errc::conflict);
    std::unique_ptr<Writer> writer(new Writer(folder));
    writer->chain_ = manifest->chain;
    writer->bytes_ = recording->bytes();
    if (const auto opened = writer->open_manifest(manifest->good_bytes); !opened) return opened.error();
    return writer;
}

bool Writer::is_disk_full() const { return error_ == ENOSPC || error_ == EDQUOT; }

Result<> Writer::fail(int error) {
    error_ = error;
    return make_error_code(Errc::internal);
}

Result<> Writer::open_manifest(std::uint64_t size) {
    const int only_new = size == 0 ? O_CREAT | O_EXCL : 0;
    manifest_fd_ = ::open(path(manifest_name).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | only_new, file_mode);
    manifest_bytes_ = size;
    return manifest_fd_ < 0 ? fail(errno) : Result<>();
}

Result<> Writer::write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(errno);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<> Writer::add(const Entry& entry) {
    auto line = make_line(chain_, entry);
    if (const auto written = write_all(manifest_fd_, line.text); !written) {
        // Half a line would make all that follow unreadable. Should this fail, too, nothing more is written, and the recovery cuts it.
        if (::ftruncate(manifest_fd_, static_cast<off_t>(manifest_bytes_)) != 0) ::close(std::exchange(manifest_fd_, -1));
        return written;
    }
    manifest_bytes_ += line.text.size();
    chain_ = std::move(line.chain);
    return {};
}

Result<> Writer::put_file(const std::string& name, const std::string& bytes) {
    const auto temporary = path(name + ".new");
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file_mode);
    if (fd < 0) return fail(errno);
    auto written = write_all(fd, bytes);
    if (written && ::fdatasync(fd) != 0) written = fail(errno);
    ::close(fd);
    if (written && std::rename(temporary.c_str(), path(name).c_str()) != 0) written = fail(errno);
    if (!written) ::unlink(temporary.c_str());
    return written;
}

Result<> Writer::put_init(const hls::Init& init) {
    if (last_init_ == init.id) return {};
    if (const auto put = put_file(hls::init_name(init.id), *init.bytes); !put) return put;
    if (const auto added = add(InitEntry{init.id, init.bytes->size(), sha256_of(*init.bytes)}); !added) return added;
    last_init_ = init.id;
    return {};
}

Result<> Writer::open_segment(const hls::Segment& segment, bool discontinuity) {
    if (const auto put = put_init(*segment.init); !put) return put;
    if (const auto added = add(OpenEntry{segment.sequence, segment.init->id, discontinuity, segment.program_time_ms}); !added) return added;
    segment_path_ = path(hls::segment_name(segment.sequence));
    segment_fd_ = ::open(segment_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file_mode);
    segment_bytes_ = 0;
    static_cast<void>(segment_hash_.take());
    return segment_fd_ < 0 ? fail(errno) : Result<>();
}

Result<> Writer::add_part(const hls::Part& part) {
    if (const auto written = write_all(segment_fd_, *part.bytes); !written) return written;
    segment_hash_.add(*part.bytes);
    segment_bytes_ += part.bytes->size();
    return {};
}

Result<> Writer::close_segment(const hls::Segment& segment) {
    if (::fdatasync(segment_fd_) != 0) return fail(errno);
    if (const auto added = add(SegmentEntry{segment.sequence, segment.duration_us, segment_bytes_, segment_hash_.take(), false}); !added) return added;
    if (::fdatasync(manifest_fd_) != 0) return fail(errno);
    ::close(std::exchange(segment_fd_, -1));
    bytes_ += segment_bytes_;
    return {};
}

void Writer::drop_segment() {
    if (segment_fd_ < 0) return;
    ::close(std::exchange(segment_fd_, -1));
    ::unlink(segment_path_.c_str());
}

}  // namespace livefair::record
