#include "record/manifest.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace livefair::record {
namespace {

namespace json = boost::json;

constexpr std::string_view before_chain = "{\"chain\":\"";
constexpr std::string_view before_entry = "\",\"entry\":";
constexpr std::size_t chain_bytes = 64;

struct ToJson {
    json::object operator()(const BeginEntry& e) const {
        return {{"type", "begin"}, {"version", 1}, {"room", e.room}, {"recording", e.recording}, {"startMs", e.start_ms}};
    }
    json::object operator()(const InitEntry& e) const { return {{"type", "init"}, {"id", e.id}, {"size", e.size}, {"sha256", e.sha256}}; }
    json::object operator()(const OpenEntry& e) const {
        return {{"type", "open"}, {"sequence", e.sequence}, {"init", e.init}, {"discontinuity", e.discontinuity}, {"startMs", e.start_ms}};
    }
    json::object operator()(const SegmentEntry& e) const {
        return {{"type", "segment"}, {"sequence", e.sequence}, {"durationUs", e.duration_us}, {"size", e.size}, {"sha256", e.sha256}, {"recovered", e.recovered}};
    }
    json::object operator()(const CueEntry& e) const {
        json::object out = {{"type", "cue"}, {"id", e.cue.id}, {"kind", e.cue.kind == hls::Cue::Kind::pin ? "pin" : "sale"},
                            {"startMs", e.cue.start_ms}, {"offerId", e.cue.offer_id}, {"title", e.cue.title}, {"priceFen", e.cue.price_fen}};
        if (e.cue.end_ms) out["endMs"] = *e.cue.end_ms;
        return out;
    }
    json::object operator()(const GapEntry& e) const { return {{"type", "gap"}, {"fromMs", e.from_ms}, {"toMs", e.to_ms}, {"why", e.why}}; }
    json::object operator()(const EndEntry& e) const { return {{"type", "end"}, {"endMs", e.end_ms}, {"why", e.why}}; }
};

/// Reads members; remembers when one is missing or of another kind.
class Members {
public:
    explicit Members(const json::object& object) : object_(object) {}
    bool ok() const { return ok_; }
    std::string text(const char* name) {
        const auto* value = object_.if_contains(name);
        if (value && value->is_string()) return std::string(value->get_string());
        ok_ = false;
        return {};
    }
    std::int64_t number(const char* name) {
        const auto* value = object_.if_contains(name);
        if (value && value->is_int64() && value->get_int64() >= 0) return value->get_int64();
        ok_ = false;
        return 0;
    }
    bool flag(const char* name) {
        const auto* value = object_.if_contains(name);
        if (value && value->is_bool()) return value->get_bool();
        ok_ = false;
        return false;
    }
    bool has(const char* name) const { return object_.contains(name); }

private:
    const json::object& object_;
    bool ok_ = true;
};

std::optional<Entry> to_entry(std::string_view text) {
    boost::system::error_code ec;
    json::parse_options options;
    options.max_depth = 2;
    const auto value = json::parse({text.data(), text.size()}, ec, {}, options);
    if (ec || !value.is_object()) return std::nullopt;
    Members in(value.get_object());
    const auto unsigned_of = [&](const char* name) { return static_cast<std::uint64_t>(in.number(name)); };
    const auto type = in.text("type");
    Entry entry;
    if (type == "begin") {
        entry = BeginEntry{in.text("room"), in.text("recording"), in.number("startMs")};
    } else if (type == "init") {
        entry = InitEntry{unsigned_of("id"), unsigned_of("size"), in.text("sha256")};
    } else if (type == "open") {
        entry = OpenEntry{unsigned_of("sequence"), unsigned_of("init"), in.flag("discontinuity"), in.number("startMs")};
    } else if (type == "segment") {
        entry = SegmentEntry{unsigned_of("sequence"), in.number("durationUs"), unsigned_of("size"), in.text("sha256"), in.flag("recovered")};
    } else if (type == "cue") {
        hls::Cue cue;
        cue.id = in.text("id");
        cue.kind = in.text("kind") == "sale" ? hls::Cue::Kind::sale : hls::Cue::Kind::pin;
        cue.start_ms = in.number("startMs");
        if (in.has("endMs")) cue.end_ms = in.number("endMs");
        cue.offer_id = in.text("offerId");
        cue.title = in.text("title");
        cue.price_fen = in.number("priceFen");
        entry = CueEntry{std::move(cue)};
    } else if (type == "gap") {
        entry = GapEntry{in.number("fromMs"), in.number("toMs"), in.text("why")};
    } else if (type == "end") {
        entry = EndEntry{in.number("endMs"), in.text("why")};
    } else {
        return std::nullopt;
    }
    return in.ok() ? std::optional<Entry>(std::move(entry)) : std::nullopt;
}

/// The entry's text of a line without its end, when chain and shape are right.
std::optional<std::string_view> entry_text(std::string_view line, std::string_view chain_before) {
    const auto head_bytes = before_chain.size() + chain_bytes + before_entry.size();
    if (line.size() > line_bytes_max || line.size() < head_bytes + 3 || !line.starts_with(before_chain) || line.back() != '}') return std::nullopt;
    if (line.substr(before_chain.size() + chain_bytes, before_entry.size()) != before_entry) return std::nullopt;
    const auto text = line.substr(head_bytes, line.size() - head_bytes - 1);
    const auto chain = line.substr(before_chain.size(), chain_bytes);
    if (chain != sha256_of(std::string(chain_before) + std::string(text))) return std::nullopt;
    return text;
}

}  // namespace

Line make_line(std::string_view chain_before, const Entry& entry) {
    const auto text = json::serialize(std::visit(ToJson{}, entry));
    auto chain = sha256_of(std::string(chain_before) + text);
    auto line = std::string(before_chain) + chain + std::string(before_entry) + text + "}\n";
    return {std::move(line), std::move(chain)};
}

Manifest parse_manifest(std::string_view text) {
    Manifest manifest;
    for (std::size_t number = 1; manifest.good_bytes < text.size(); ++number) {
        const auto rest = text.substr(manifest.good_bytes);
        const auto end = rest.find('\n');
        if (end == std::string_view::npos) {
            manifest.torn = true;
            return manifest;
        }
        const auto entry = entry_text(rest.substr(0, end), manifest.chain);
        auto parsed = entry ? to_entry(*entry) : std::nullopt;
        const bool begins_right = manifest.entries.empty() == (parsed && std::holds_alternative<BeginEntry>(*parsed));
        if (!parsed || !begins_right) {
            manifest.broken_line = number;
            return manifest;
        }
        manifest.entries.push_back(std::move(*parsed));
        manifest.chain = std::string(rest.substr(before_chain.size(), chain_bytes));
        manifest.good_bytes += end + 1;
    }
    return manifest;
}

}  // namespace livefair::record
