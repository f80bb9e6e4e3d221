#include "bench/media/process_figures.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace livefair::bench {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

}  // namespace

double cpu_seconds(pid_t pid) {
    double total = 0;
    std::error_code ec;
    for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task", ec)) {
        // proc(5): the first number is the time spent on the processor, in nanoseconds.
        double ran_ns = 0;
        std::istringstream(first_line(task.path() / "schedstat")) >> ran_ns;
        total += ran_ns / 1e9;
        std::istringstream children(first_line(task.path() / "children"));
        for (pid_t child = 0; children >> child;) total += cpu_seconds(child);
    }
    return total;
}

double pss_bytes(pid_t pid) {
    double total = 0;
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("Pss:")) total += std::stod(line.substr(4)) * 1024;
    std::istringstream children(first_line("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children"));
    for (pid_t child = 0; children >> child;) total += pss_bytes(child);
    return total;
}

double Readings::quantile(double share) const {
    if (values.empty()) return 0;
    auto sorted = values;
    std::sort(sorted.begin(), sorted.end());
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5)];
}

double Readings::median() const { return quantile(0.5); }

std::string Readings::text(int decimals) const {
    char line[96];
    std::snprintf(line, sizeof line, "%.*f (%.*f-%.*f)", decimals, median(), decimals, quantile(0), decimals, quantile(1));
    return line;
}

}  // namespace livefair::bench
