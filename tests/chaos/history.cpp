#include "chaos/history.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <stdexcept>

namespace livefair::chaos {

History::History(const std::string& file) : file_(file) {
    if (!file_) throw std::runtime_error("the history can't be written to " + file);
}

std::int64_t History::now_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun_).count();
}

void History::add(Event event) {
    const std::lock_guard lock(mutex_);
    event.ms = now_ms();
    boost::json::object line{{"ms", event.ms}, {"who", event.who}, {"what", event.what}, {"outcome", event.outcome}, {"order", event.order}};
    if (event.outcome == "invoke") {
        line["offer"] = event.offer;
        line["quantity"] = event.quantity;
    }
    if (!event.reason.empty()) line["reason"] = event.reason;
    if (event.amount_fen != 0) line["amount_fen"] = event.amount_fen;
    file_ << boost::json::serialize(line) << '\n' << std::flush;
    if (event.what == "place" && (event.outcome == "accepted" || event.outcome == "rejected")) ++answered_;
    if (event.what == "place" && event.outcome == "accepted") ++accepted_;
    events_.push_back(std::move(event));
}

void History::note(const std::string& text) {
    const std::lock_guard lock(mutex_);
    const auto ms = now_ms();
    file_ << boost::json::serialize(boost::json::object{{"ms", ms}, {"note", text}}) << '\n' << std::flush;
    std::printf("  %6.2f s  %s\n", static_cast<double>(ms) / 1000, text.c_str());
    std::fflush(stdout);
    notes_.push_back({ms, text});
}

std::vector<Event> History::events() const {
    const std::lock_guard lock(mutex_);
    return events_;
}

std::vector<History::Note> History::notes() const {
    const std::lock_guard lock(mutex_);
    return notes_;
}

std::size_t History::answered() const {
    const std::lock_guard lock(mutex_);
    return answered_;
}

std::size_t History::accepted() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
}

}  // namespace livefair::chaos
