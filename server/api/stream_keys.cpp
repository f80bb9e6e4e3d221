#include "api/stream_keys.hpp"

#include "auth/token.hpp"
#include "ledger/catalog.hpp"
#include "ledger/ledger.hpp"
#include "redis/client.hpp"

namespace livefair::api {
namespace {

constexpr const char* keys_hash = "lf:streamkeys";
constexpr const char* revoked_channel = "lf:streamkeys:revoked";
constexpr const char* commands_channel = "lf:media:commands";
// How often mirror_all() starts again because keys changed while it wrote.
constexpr int rounds_max = 5;

// One command each, so that media never sees a room without the key that holds.
constexpr const char* swap_script =
    "if ARGV[1] ~= '' then redis.call('HDEL', KEYS[1], ARGV[1]) end "
    "return redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])";
constexpr const char* mirror_script =
    "redis.call('DEL', KEYS[1]) "
    "for i = 1, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end "
    "return #ARGV / 2";

Result<> done(const Result<redis::Reply>& reply) {
    if (!reply) return reply.error();
    return {};
}

/// What lf:streamkeys says of a key.
std::string value_of(const RoomId& room, ledger::StreamKeyRole role) {
    return role == ledger::StreamKeyRole::main ? room.str() : room.str() + " backup";
}

bool is_same(const std::vector<ledger::StreamKeyRow>& a, const std::vector<ledger::StreamKeyRow>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i].key_hash != b[i].key_hash || a[i].room != b[i].room) return false;
    return true;
}

bool holds(const std::vector<ledger::StreamKeyRow>& keys, const std::string& key_hash) {
    for (const auto& key : keys)
        if (key.key_hash == key_hash) return true;
    return false;
}

}  // namespace

StreamKeys::StreamKeys(ledger::Ledger& ledger, redis::Client& redis, const Clock& clock)
    : ledger_(ledger), redis_(redis), clock_(clock) {}

net::Task<Result<std::string>> StreamKeys::replace(RoomId room, ledger::StreamKeyRole role) {
    const auto key = auth::make_stream_key();
    const auto hash = auth::hash_token(key);
    auto store = [room, role, hash, now_ms = clock_.unix_ms()](ledger::Database& db) {
        return ledger::replace_stream_key(db, room, role, hash, now_ms);
    };
    const Result<std::string> old = co_await ledger_.write(std::move(store));
    if (!old) co_return old.error();
    redis::Client::Command swap = {"EVAL", swap_script, "1", keys_hash, *old, hash, value_of(room, role)};
    const Result<redis::Reply> swapped = co_await redis_.command(std::move(swap));
    if (!swapped) co_return swapped.error();

    // Two shards may replace one room's key at once and reach Redis in the other order than the ledger: who finds that
    // the ledger holds another key by now takes its own out again.
    auto list = [](ledger::Database& db) { return ledger::list_stream_keys(db); };
    const Result<std::vector<ledger::StreamKeyRow>> keys = co_await ledger_.read(std::move(list));
    if (!keys) co_return keys.error();
    if (!holds(*keys, hash)) {
        redis::Client::Command remove = {"HDEL", keys_hash, hash};
        const Result<redis::Reply> removed = co_await redis_.command(std::move(remove));
        co_return removed ? make_error_code(Errc::conflict) : removed.error();
    }
    if (!old->empty()) {
        redis::Client::Command announce = {"SPUBLISH", revoked_channel, *old};
        const Result<redis::Reply> announced = co_await redis_.command(std::move(announce));
        if (!announced) co_return announced.error();
    }
    co_return key;
}

net::Task<Result<>> StreamKeys::give_back(RoomId room) {
    redis::Client::Command command = {"SPUBLISH", commands_channel, "give_back " + room.str()};
    co_return done(co_await redis_.command(std::move(command)));
}

net::Task<Result<>> StreamKeys::mirror_all() {
    std::vector<ledger::StreamKeyRow> written;
    for (int round = 0; round < rounds_max; ++round) {
        auto list = [](ledger::Database& db) { return ledger::list_stream_keys(db); };
        const Result<std::vector<ledger::StreamKeyRow>> keys = co_await ledger_.read(std::move(list));
        if (!keys) co_return keys.error();
        if (round > 0 && is_same(*keys, written)) co_return Result<>();
        redis::Client::Command mirror = {"EVAL", mirror_script, "1", keys_hash};
        for (const auto& key : *keys) {
            mirror.push_back(key.key_hash);
            mirror.push_back(value_of(key.room, key.role));
        }
        const Result<> mirrored = done(co_await redis_.command(std::move(mirror)));
        if (!mirrored) co_return mirrored.error();
        written = *keys;
    }
    co_return Result<>();
}

}  // namespace livefair::api
