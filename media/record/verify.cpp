#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <thread>

#include "hls/playlist.hpp"
#include "record/library.hpp"

namespace livefair::record {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds settle{100};

struct Expected {
    std::uint64_t size = 0;
    std::string sha256;
};

std::string hash_of_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    Sha256 hash;
    std::array<char, 1 << 16> buffer{};
    while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) hash.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
    return hash.take();
}

void check_file(const std::string& folder, const std::string& name, const Expected& expected, std::vector<Fault>& faults) {
    const auto path = fs::path(folder) / name;
    std::error_code ec;
    const auto size = fs::file_size(path, ec);
    if (ec) {
        faults.push_back({"缺少文件 " + name, name + " is missing"});
    } else if (size != expected.size) {
        faults.push_back({"文件 " + name + " 的大小不对", name + " has another size"});
    } else if (hash_of_file(path) != expected.sha256) {
        faults.push_back({"文件 " + name + " 的内容被改动", name + " has been changed"});
    }
}

bool is_media_name(const std::string& name) { return name.ends_with(".m4s") || (name.starts_with("init_") && name.ends_with(".mp4")); }

std::vector<Fault> walk(const std::string& folder) {
    const auto manifest = read_manifest(folder);
    if (!manifest) return {{"清单 manifest.jsonl 缺失或无法读取", "manifest.jsonl is missing or can't be read"}};
    std::vector<Fault> faults;
    if (manifest->entries.empty()) faults.push_back({"清单里没有任何记录", "the manifest holds no entry"});
    if (manifest->broken_line) {
        const auto line = std::to_string(*manifest->broken_line);
        faults.push_back({"清单第 " + line + " 行被改动、删除或插入，其后不可信", "line " + line + " of the manifest was changed, taken out or put in; what follows can't be trusted"});
    }
    if (manifest->torn) faults.push_back({"清单最后一行不完整（写入时中断）", "the manifest's last line is torn (a crash while it was written)"});

    std::map<std::string, Expected> files;
    std::optional<std::uint64_t> open;
    for (const auto& entry : manifest->entries) {
        if (const auto* init = std::get_if<InitEntry>(&entry)) files[hls::init_name(init->id)] = {init->size, init->sha256};
        if (const auto* begun = std::get_if<OpenEntry>(&entry)) open = begun->sequence;
        if (const auto* segment = std::get_if<SegmentEntry>(&entry)) {
            files[hls::segment_name(segment->sequence)] = {segment->size, segment->sha256};
            open.reset();
        }
        if (std::holds_alternative<EndEntry>(entry)) open.reset();
    }
    for (const auto& [name, expected] : files) check_file(folder, name, expected, faults);
    // After a fault of the manifest, files it no longer speaks of are no news.
    std::error_code ec;
    for (auto entry = fs::directory_iterator(folder, ec); !ec && !manifest->broken_line && entry != fs::directory_iterator(); entry.increment(ec)) {
        const auto name = entry->path().filename().string();
        const bool is_open = open && name == hls::segment_name(*open);
        if (is_media_name(name) && !files.contains(name) && !is_open) faults.push_back({"多出文件 " + name, name + " is not in the manifest"});
    }
    return faults;
}

}  // namespace

std::vector<Fault> verify(const std::string& folder) {
    auto faults = walk(folder);
    if (faults.empty() || has_ended(folder)) return faults;
    // A recording being written grows between the look at its manifest and the look at its files: what is wrong stays so.
    std::this_thread::sleep_for(settle);
    const auto still = walk(folder);
    std::erase_if(faults, [&still](const Fault& fault) { return std::find(still.begin(), still.end(), fault) == still.end(); });
    return faults;
}

}  // namespace livefair::record
