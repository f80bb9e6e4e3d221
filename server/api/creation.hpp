#pragma once

#include "api/checks.hpp"
#include "api/handlers.hpp"
#include "api/json.hpp"
#include "base/random.hpp"
#include "ledger/ledger.hpp"

/// What all calls that create an object have in common. For the route files alone.
namespace livefair::api {

/// The id the client chose, or a random one: ids that could be counted would tell how much is sold.
inline std::string id_or_random(const std::string& id) {
    return id.empty() ? random_hex(8) : id;
}

/// Writes a checked object by one of the ledger's create functions and answers with it.
template <class Message>
net::Task<net::HttpResponse> create_in_ledger(Services& services, Message object,
                                              Result<> (*create)(ledger::Database&, const Message&, std::int64_t)) {
    auto write = [object, create, now_ms = services.clock.unix_ms()](ledger::Database& db) {
        return create(db, object, now_ms);
    };
    const Result<> written = co_await services.ledger.write(std::move(write));
    co_return written ? answer(object) : refuse(written.error());
}

/// Reads a whole list by one of the ledger's list functions.
template <class Message>
net::Task<net::HttpResponse> list_of_ledger(Services& services, Result<Message> (*list)(ledger::Database&)) {
    const Result<Message> found = co_await services.ledger.read(list);
    co_return found ? answer(*found) : refuse(found.error());
}

}  // namespace livefair::api
