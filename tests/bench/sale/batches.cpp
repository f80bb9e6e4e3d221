#include "bench/sale/batches.hpp"

#include <cstdio>
#include <limits>
#include <sstream>

namespace livefair::bench {
namespace {

constexpr std::string_view bucket = "livefair_purchases_per_call_bucket{le=\"";
constexpr std::string_view sum = "livefair_purchases_per_call_sum ";

}  // namespace

Batches Batches::parse(const std::string& metrics) {
    Batches batches;
    std::istringstream lines(metrics);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(sum)) batches.purchases = std::stod(line.substr(sum.size()));
        if (!line.starts_with(bucket)) continue;
        const auto bound = line.substr(bucket.size());
        const auto limit = bound.starts_with("+Inf") ? std::numeric_limits<double>::infinity() : std::stod(bound);
        batches.calls[limit] = std::stod(line.substr(line.rfind(' ') + 1));
    }
    return batches;
}

Batches Batches::since(const Batches& before) const {
    Batches difference = *this;
    for (const auto& [limit, count] : before.calls) difference.calls[limit] -= count;
    difference.purchases -= before.purchases;
    return difference;
}

double Batches::mean() const { return count() == 0 ? 0 : purchases / count(); }

std::string Batches::text() const {
    std::string text;
    double below = 0, first = 1;
    for (const auto& [limit, count] : calls) {
        const double share = this->count() == 0 ? 0 : (count - below) / this->count() * 100;
        char part[64];
        if (share >= 0.5) {
            std::snprintf(part, sizeof part, first >= limit ? "%s%.0f: %.0f %%" : "%s%.0f-%.0f: %.0f %%", text.empty() ? "" : ", ", first >= limit ? limit : first,
                          first >= limit ? share : limit, share);
            text += part;
        }
        below = count;
        first = limit + 1;
    }
    return text;
}

}  // namespace livefair::bench
