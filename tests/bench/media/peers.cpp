#include "bench/media/peers.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <thread>

#include "net/http_client.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::bench {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> media_lines(const std::string& playlist) {
    std::vector<std::string> names;
    for (const auto& line : test::lines_with(playlist, ""))
        if (!line.empty() && line[0] != '#') names.push_back(line);
    return names;
}

double seconds_in(const std::string& playlist) {
    double sum = 0;
    for (const auto& line : test::lines_with(playlist, "#EXTINF:")) sum += std::stod(line.substr(8));
    return sum;
}

}  // namespace

MemoryFolder::MemoryFolder() {
    std::string pattern = "/dev/shm/livefair-bench-XXXXXX";
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a folder in /dev/shm");
    path_ = pattern;
    ::chmod(path_.c_str(), 0777);  // nginx's worker runs as another user
}

MemoryFolder::~MemoryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string clip_file(const std::string& folder) {
    const auto file = fs::path(folder) / "clip-720p30-2646k.flv";
    if (fs::exists(file)) return file.string();
    fs::create_directories(folder);
    const auto made = file.string() + ".part";
    const std::vector<std::string> command = {
        "ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30", "-f", "lavfi", "-i",
        "sine=frequency=440:sample_rate=44100", "-t", "60", "-vf", "noise=alls=20:allf=t", "-c:v", "libx264", "-preset", "veryfast",
        "-profile:v", "main", "-pix_fmt", "yuv420p", "-bf", "2", "-g", "60", "-keyint_min", "60", "-sc_threshold", "0", "-b:v", "2500k",
        "-minrate", "2500k", "-maxrate", "2500k", "-bufsize", "2500k", "-x264-params", "nal-hrd=cbr", "-c:a", "aac", "-b:a", "128k",
        "-ac", "2", "-f", "flv", made};
    test::Process ffmpeg({.command = command, .output_file = made + ".log"});
    if (ffmpeg.wait(std::chrono::minutes(5)) != 0) throw std::runtime_error("ffmpeg made no clip: " + ffmpeg.output());
    fs::rename(made, file);
    return file.string();
}

Livefair::Livefair(std::string name, test::Studio::Environment environment) : name_(std::move(name)), studio_(std::move(environment)) {}

std::string Livefair::address(int index) {
    return "rtmp://127.0.0.1:" + std::to_string(studio_.rtmp_port()) + "/live/" + studio_.make_key("bench" + std::to_string(index));
}

Repackager::Listed Livefair::listed(int index) {
    const auto room = "bench" + std::to_string(index);
    const auto playlist = studio_.playlist(room);
    Listed listed{"", seconds_in(playlist)};
    const auto map = test::lines_with(playlist, "#EXT-X-MAP:URI=\"");
    auto names = media_lines(playlist);
    if (!map.empty()) names.insert(names.begin(), map[0].substr(16, map[0].size() - 17));
    for (const auto& name : names) listed.bytes += net::body_of(studio_.get("/hls/" + room + "/" + name));
    return listed;
}

NginxRtmp::NginxRtmp() : port_(free_port()) {
    process_ = start_nginx(folder_.path(),
                           "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;\n"
                           "worker_processes 1; daemon off; pid nginx.pid; error_log nginx.err warn;\n"
                           "events { worker_connections 1024; }\n"
                           "rtmp { access_log off; server { listen 127.0.0.1:" + std::to_string(port_) + "; chunk_size 4096;\n"
                           "  application live { live on; allow publish 127.0.0.1; hls on; hls_path " + folder_.path() + "/hls;\n"
                           "    hls_fragment 2s; hls_playlist_length 12s; } } }\n",
                           port_);
}

std::string NginxRtmp::address(int index) { return "rtmp://127.0.0.1:" + std::to_string(port_) + "/live/bench" + std::to_string(index); }

Repackager::Listed NginxRtmp::listed(int index) {
    const auto playlist = test::read_file(folder_.path() + "/hls/bench" + std::to_string(index) + ".m3u8");
    Listed listed{"", seconds_in(playlist)};
    for (const auto& name : media_lines(playlist)) listed.bytes += test::read_file(folder_.path() + "/hls/" + name);
    return listed;
}

std::vector<std::unique_ptr<test::Process>> publish(Repackager& server, const std::string& clip, int count) {
    std::vector<std::unique_ptr<test::Process>> publishers;
    for (int index = 0; index < count; ++index) {
        publishers.push_back(std::make_unique<test::Process>(test::Process::Options{
            {"ffmpeg", "-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-i", clip, "-c", "copy", "-f", "flv", server.address(index)},
            {}, {}, {}}));
        // Hosts don't begin in the same millisecond.
        std::this_thread::sleep_for(std::chrono::milliseconds(73));
    }
    return publishers;
}

int count_frames(const std::string& bytes) {
    const test::TemporaryFolder folder;
    test::write_file(folder.file("media"), bytes);
    test::Process probe({.command = {"ffprobe", "-v", "error", "-select_streams", "v", "-count_packets", "-show_entries",
                                     "stream=nb_read_packets", "-of", "csv=p=0", folder.file("media")},
                         .output_file = folder.file("count"), .error_file = folder.file("errors")});
    static_cast<void>(probe.wait(std::chrono::seconds(60)));
    return std::atoi(probe.output().c_str());
}

}  // namespace livefair::bench
