#include "integration/media/playlist_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <sstream>
#include <stdexcept>

#include "net/http_client.hpp"
#include "support/run_task.hpp"

namespace livefair::test {
namespace {

using namespace std::chrono_literals;

constexpr double rounding = 0.000'02;  // of five decimals

/// The attribute `name` of a tag's list; quotes taken off; empty when it has none.
std::string attribute(const std::string& list, const std::string& name) {
    for (std::size_t at = 0; at < list.size();) {
        const auto equals = list.find('=', at);
        if (equals == std::string::npos) return {};
        const bool quoted = list.compare(equals + 1, 1, "\"") == 0;
        const auto begin = equals + (quoted ? 2 : 1);
        const auto end = std::min(list.find(quoted ? '"' : ',', begin), list.size());
        if (list.substr(at, equals - at) == name) return list.substr(begin, end - begin);
        at = end + (quoted ? 2 : 1);
    }
    return {};
}

double number(const std::string& text) {
    char* end = nullptr;
    const auto value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0') throw std::runtime_error("no number: \"" + text + "\"");
    return value;
}

std::int64_t unix_ms(const std::string& text) {
    std::tm date{};
    const auto* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &date);
    if (!rest) throw std::runtime_error("no date: " + text);
    return static_cast<std::int64_t>(::timegm(&date)) * 1000 + std::lround(std::atof(rest) * 1000);
}

std::optional<std::string> after(const std::string& line, const std::string& tag) {
    if (line.rfind(tag, 0) != 0) return std::nullopt;
    return line.substr(tag.size());
}

/// Reads line by line into `list`, with what stands before a segment kept in `next`.
class Lines {
public:
    explicit Lines(WatchedPlaylist& list) : list_(list) {}

    void read(const std::string& line) {
        if (const auto rest = after(line, "#EXT-X-TARGETDURATION:")) list_.target_seconds = number(*rest);
        if (const auto rest = after(line, "#EXT-X-PART-INF:")) list_.part_target_seconds = number(attribute(*rest, "PART-TARGET"));
        if (const auto rest = after(line, "#EXT-X-SERVER-CONTROL:")) list_.hold_back_seconds = number(attribute(*rest, "PART-HOLD-BACK"));
        if (const auto rest = after(line, "#EXT-X-MEDIA-SEQUENCE:")) list_.sequence = std::stoull(*rest);
        if (const auto rest = after(line, "#EXT-X-DISCONTINUITY-SEQUENCE:")) discontinuity_ = list_.discontinuity_sequence = std::stoull(*rest);
        if (const auto rest = after(line, "#EXT-X-MAP:")) map_ = attribute(*rest, "URI");
        if (const auto rest = after(line, "#EXT-X-PROGRAM-DATE-TIME:")) next_.date_ms = unix_ms(*rest), touched_ = true;
        if (const auto rest = after(line, "#EXTINF:")) next_.seconds = number(rest->substr(0, rest->find(',')));
        if (const auto rest = after(line, "#EXT-X-PRELOAD-HINT:")) list_.hint = attribute(*rest, "URI");
        if (line == "#EXT-X-ENDLIST") list_.ended = true;
        if (line == "#EXT-X-DISCONTINUITY") {
            next_.begins_discontinuity = touched_ = true;
            ++discontinuity_;
        }
        if (const auto rest = after(line, "#EXT-X-PART:")) {
            next_.parts.push_back({attribute(*rest, "URI"), number(attribute(*rest, "DURATION")), attribute(*rest, "INDEPENDENT") == "YES"});
            touched_ = true;
        }
        if (!line.empty() && line[0] != '#') {
            next_.name = line;
            list_.segments.push_back(take());
        }
    }
    void end() {
        if (touched_) list_.open = take();
    }

private:
    WatchedSegment take() {
        auto segment = std::exchange(next_, {});
        segment.sequence = list_.next_sequence();
        segment.discontinuity = discontinuity_;
        segment.map = map_;
        touched_ = false;
        return segment;
    }
    WatchedPlaylist& list_;
    WatchedSegment next_;
    std::string map_;
    std::uint64_t discontinuity_ = 0;
    bool touched_ = false;
};

}  // namespace

class PlaylistWatch::Http {
public:
    /// Status and body; status 0: no answer in time.
    std::pair<int, std::string> get(const std::string& url, std::chrono::milliseconds deadline) {
        const auto answer = run_task(context_, net::http_request("GET", url, {}, "", deadline), deadline + 5s);
        return answer ? std::pair(answer->status, std::string(net::body_of(*answer))) : std::pair(0, std::string());
    }

private:
    net::asio::io_context context_;
};

WatchedPlaylist WatchedPlaylist::parse(const std::string& text) {
    std::istringstream in(text);
    std::string line;
    if (!std::getline(in, line) || line != "#EXTM3U") throw std::runtime_error("no playlist: " + text.substr(0, 80));
    WatchedPlaylist list;
    Lines lines(list);
    while (std::getline(in, line)) lines.read(line);
    lines.end();
    return list;
}

PlaylistWatch::PlaylistWatch(std::string url)
    : url_(std::move(url)), folder_(url_.substr(0, url_.rfind('/') + 1)), http_(std::make_unique<Http>()), thread_([this] { run(); }) {}

PlaylistWatch::~PlaylistWatch() { stop(); }

std::vector<std::string> PlaylistWatch::stop() {
    if (thread_.joinable()) {
        stopping_ = true;
        thread_.join();
        reload("", 5000);
    }
    return problems_;
}

void PlaylistWatch::run() {
    while (!stopping_ && problems_.size() < 20) {
        if (reloads_ == 0) {
            if (!reload("", 2000)) std::this_thread::sleep_for(10ms);
            continue;
        }
        // Half a second: long enough for the next part, short enough for a stream that has stopped.
        const auto part = last_.open ? last_.open->parts.size() : 0;
        if (last_.ended || !reload("?_HLS_msn=" + std::to_string(last_.next_sequence()) + "&_HLS_part=" + std::to_string(part), 500)) {
            std::this_thread::sleep_for(10ms);
            reload("", 2000);
        }
    }
}

bool PlaylistWatch::reload(const std::string& query, int milliseconds) {
    const auto [status, text] = http_->get(url_ + query, std::chrono::milliseconds(milliseconds));
    if (status == 400) problem("a request for the next part was refused: " + query);
    if (status != 200) return false;
    try {
        auto now = WatchedPlaylist::parse(text);
        check(now);
        last_ = std::move(now);
        ++reloads_;
    } catch (const std::exception& error) {
        problem(error.what() + std::string(" in\n") + text);
    }
    return true;
}

void PlaylistWatch::check(const WatchedPlaylist& now) {
    if (reloads_ > 0) {
        if (now.target_seconds != last_.target_seconds) problem("TARGETDURATION changed");
        if (now.part_target_seconds != last_.part_target_seconds) problem("PART-TARGET changed");
        if (now.hold_back_seconds != last_.hold_back_seconds) problem("PART-HOLD-BACK changed");
        if (now.sequence < last_.sequence) problem("MEDIA-SEQUENCE went back to " + std::to_string(now.sequence));
        if (now.next_sequence() < last_.next_sequence()) problem("the newest segment went away");
        if (now.sequence > last_.next_sequence() + 1) problem("the reloads missed segments: too slow a machine, or numbers jumped");
    }
    if (now.hold_back_seconds < 3 * now.part_target_seconds - rounding) problem("PART-HOLD-BACK below three parts");
    if (!now.segments.empty() && now.segments.front().map.empty()) problem("no EXT-X-MAP before the first segment");
    for (const auto& segment : now.segments) check_segment(now, segment, true);
    if (now.open) check_segment(now, *now.open, false);
    if (now.ended && (now.open || !now.hint.empty())) problem("something follows ENDLIST");
    if (!now.ended && now.hint.empty()) problem("no preload hint");
    if (!now.segments.empty()) {
        began_with_discontinuity_ = began_with_discontinuity_ || now.segments.front().begins_discontinuity;
        const auto oldest = http_->get(folder_ + now.segments.front().name, 5s).first;
        if (oldest != 200) problem(now.segments.front().name + " is listed and answers " + std::to_string(oldest));
    }
}

void PlaylistWatch::check_segment(const WatchedPlaylist& now, const WatchedSegment& segment, bool complete) {
    const auto id = "segment " + std::to_string(segment.sequence);
    if (complete && std::round(segment.seconds) > now.target_seconds) problem(id + " is longer than TARGETDURATION");
    const auto [found, is_new] = seen_.try_emplace(segment.sequence, segment);
    auto& before = found->second;
    if (!is_new) {
        if (before.discontinuity != segment.discontinuity) problem(id + " has another discontinuity number than before");
        if (before.map != segment.map) problem(id + " has another EXT-X-MAP than before");
        if (before.date_ms != segment.date_ms) problem(id + " has another date than before");
        if (before.begins_discontinuity != segment.begins_discontinuity) problem(id + " gained or lost its EXT-X-DISCONTINUITY");
        for (std::size_t i = 0; i < std::min(before.parts.size(), segment.parts.size()); ++i)
            if (before.parts[i].name != segment.parts[i].name || before.parts[i].seconds != segment.parts[i].seconds)
                problem("part " + before.parts[i].name + " changed");
        if (segment.parts.size() > before.parts.size()) before.parts = segment.parts;
    }
    check_parts(now, segment, complete);
    fetch(segment.map);
    for (const auto& part : segment.parts) fetch(part.name);
    if (!complete) return;
    const bool first_time = segments_.count(segment.sequence) == 0;
    if (!first_time && segments_[segment.sequence].seconds != segment.seconds) problem(id + " changed its length");
    if (!first_time) return;
    fetch(segment.name);
    segments_[segment.sequence] = segment;
    std::string joined;
    for (const auto& part : segment.parts) joined += files_[part.name];
    if (!segment.parts.empty() && joined != files_[segment.name]) problem(id + " does not consist of its parts");
}

void PlaylistWatch::check_parts(const WatchedPlaylist& now, const WatchedSegment& segment, bool complete) {
    double sum = 0;
    for (std::size_t i = 0; i < segment.parts.size(); ++i) {
        const auto& part = segment.parts[i];
        sum += part.seconds;
        if (part.seconds > now.part_target_seconds + rounding) problem(part.name + " is longer than PART-TARGET: " + std::to_string(part.seconds));
        if (i + 1 < segment.parts.size() && part.seconds < 0.85 * now.part_target_seconds - rounding)
            problem(part.name + " is shorter than 85 % of PART-TARGET: " + std::to_string(part.seconds));
    }
    if (complete && !segment.parts.empty() && std::abs(sum - segment.seconds) > 0.05)
        problem("segment " + std::to_string(segment.sequence) + " says " + std::to_string(segment.seconds) + " s, its parts " + std::to_string(sum));
}

void PlaylistWatch::fetch(const std::string& name) {
    if (files_.count(name) > 0) return;
    auto [status, bytes] = http_->get(folder_ + name, 5s);
    if (status != 200) problem(name + " is named and answers " + std::to_string(status));
    files_[name] = std::move(bytes);
}

void PlaylistWatch::problem(const std::string& text) { problems_.push_back("reload " + std::to_string(reloads_ + 1) + ": " + text); }

std::size_t PlaylistWatch::discontinuities() const {
    std::size_t count = 0;
    for (const auto& [sequence, segment] : segments_) count += segment.begins_discontinuity ? 1 : 0;
    return count;
}

double PlaylistWatch::seconds() const {
    double sum = 0;
    for (const auto& [sequence, segment] : segments_) sum += segment.seconds;
    return sum;
}

}  // namespace livefair::test
