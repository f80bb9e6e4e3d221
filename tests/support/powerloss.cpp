#include "support/powerloss.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>

#include "support/powerloss_log.hpp"

namespace livefair::test {
namespace {

namespace fs = std::filesystem;

struct Undo {
    std::uint64_t offset = 0;
    std::string bytes;
};

std::vector<Undo> read_undos(const std::string& log, const PowerLossHeader& header) {
    std::vector<Undo> undos;
    for (std::uint64_t at = sizeof header; at + sizeof(PowerLossEntry) <= std::min<std::uint64_t>(header.log_bytes, log.size());) {
        PowerLossEntry entry{};
        std::memcpy(&entry, log.data() + at, sizeof entry);
        at += sizeof entry;
        undos.push_back({entry.offset, log.substr(at, entry.bytes)});
        at += entry.bytes;
    }
    return undos;
}

}  // namespace

PowerLoss::PowerLoss(std::vector<std::string> files) : files_(std::move(files)) { fs::create_directory(folder_.path() / "logs"); }

std::map<std::string, std::string> PowerLoss::environment() const {
    std::string all;
    for (const auto& file : files_) all += (all.empty() ? "" : ",") + file;
    return {{"LD_PRELOAD", LIVEFAIR_POWERLOSS_SHIM},
            {"LIVEFAIR_POWERLOSS_DIR", folder_.file("logs")},
            {"LIVEFAIR_POWERLOSS_FILES", all},
            {"LIVEFAIR_POWERLOSS_ARM", folder_.file("armed")}};
}

std::map<std::string, std::string> PowerLoss::without_sync(const std::string& file) const {
    auto all = environment();
    all["LIVEFAIR_POWERLOSS_IGNORE"] = file;
    return all;
}

std::map<std::string, std::string> PowerLoss::with_crash(const std::string& file, bool before, std::int64_t count) const {
    auto all = environment();
    all["LIVEFAIR_POWERLOSS_CRASH_FILE"] = file;
    all["LIVEFAIR_POWERLOSS_CRASH"] = (before ? "before:" : "after:") + std::to_string(count);
    return all;
}

void PowerLoss::arm() { write_file(folder_.path() / "armed", ""); }
void PowerLoss::disarm() { fs::remove(folder_.path() / "armed"); }

std::vector<PowerLoss::Loss> PowerLoss::strike(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto survives = [&] { return seed != 0 && random() % 2 == 0; };
    std::vector<Loss> losses;
    for (const auto& each : fs::directory_iterator(folder_.path() / "logs")) {
        auto path = each.path().filename().string();
        std::replace(path.begin(), path.end(), '%', '/');
        const auto log = read_file(each.path());
        PowerLossHeader header{};
        if (!fs::exists(path) || log.size() < sizeof header) continue;
        std::memcpy(&header, log.data(), sizeof header);
        Loss loss{path};
        const auto size = fs::file_size(path);
        auto length = header.durable_bytes;
        if (size > length && seed != 0) length += random() % (size - length + 1);
        loss.bytes_cut = size > length ? size - length : 0;
        if (size > length) fs::resize_file(path, length);
        auto undos = read_undos(log, header);
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        for (auto undo = undos.rbegin(); undo != undos.rend(); ++undo) {
            if (survives()) continue;
            file.seekp(static_cast<std::streamoff>(undo->offset));
            file.write(undo->bytes.data(), static_cast<std::streamsize>(undo->bytes.size()));
            ++loss.writes_undone;
        }
        file.close();
        if (!file) throw std::runtime_error("a file can't be put back: " + path);
        if (loss.bytes_cut > 0 || loss.writes_undone > 0) losses.push_back(loss);
    }
    // What is there now is on the disk. SQLite's index of its WAL lives in memory alone.
    fs::remove_all(folder_.path() / "logs");
    fs::create_directory(folder_.path() / "logs");
    for (const auto& loss : losses)
        if (loss.file.ends_with("-wal")) fs::remove(loss.file.substr(0, loss.file.size() - 4) + "-shm");
    return losses;
}

}  // namespace livefair::test
