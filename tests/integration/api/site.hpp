#pragma once

#include <livefair/v1/account.pb.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "net/http_client.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"

namespace google::protobuf {
class Message;
}

namespace livefair::test {

/// An answer to one HTTP request.
struct Answer {
    int status = 0;
    std::string body;
    net::HttpHeaders headers;
    std::string header(const std::string& lower_case_name) const;
    /// Reads the body as a message; fails the test when it can't.
    void read(google::protobuf::Message& message) const;
    /// The code of an ErrorBody.
    std::string code() const;
};

/// The whole HTTP API on one shard, with a real Redis, ledger, till and payment sandbox, on a port of its own.
/// Everything but rooms' viewers and dashboards. Requests come from 127.0.0.1.
class Site {
public:
    /// `change` may change the settings before anything starts.
    explicit Site(const std::function<void(Config&)>& change = {});
    ~Site();

    /// One request with a body as it is; `token` empty: nobody's.
    Answer call(const std::string& method, const std::string& path, const std::string& body = {},
                const std::string& token = {}, net::HttpHeaders headers = {});
    /// As call(), and fails the test when the status is not 200.
    Answer must(const std::string& method, const std::string& path, const std::string& body = {},
                const std::string& token = {});

    /// Tokens of people: a buyer who signed in by code, the first operator, a member of staff made by it.
    std::string buyer(const std::string& phone);
    const std::string& site_operator();
    std::string host_of(const std::string& room);

    /// Makes a live show with one open offer of `stock` boxes at 59.90 yuan; its ids are `name`, "<name>-offer",
    /// "<name>-stock", "<name>-product", its room "<name>-room".
    void make_sale(const std::string& name, int stock, const std::string& channel = "CHANNEL_SHOW");
    /// The token's first delivery address.
    std::string address_of(const std::string& token);

    /// One Redis command on a connection of the test's own.
    redis::Reply redis(std::vector<std::string> command);
    /// What lf:streamkeys holds for a key.
    std::string room_of_key(const std::string& key);
    RedisServer& redis_server() { return redis_server_; }
    const Config& config() const { return config_; }
    net::asio::io_context& context() { return context_; }
    /// Runs a function on the site's shard and waits for it.
    void mirror_stream_keys();
    void mirror_push_targets();
    void mirror_private_rooms();
    /// What a recount of the show finds that does not add up.
    std::vector<std::string> differences(const std::string& show);
    /// The provider says no, for good, to all refunds that it has been asked for, and the orders follow.
    void refuse_refunds();
    /// By their beacons.
    std::int64_t players_of(const std::string& room);
    /// What media and server share.
    std::string media_secret() const;

private:
    class Parts;
    RedisServer redis_server_;
    TemporaryFolder folder_;
    Config config_;
    net::asio::io_context context_;  // the test's side
    std::unique_ptr<redis::Client> client_;
    std::unique_ptr<Parts> parts_;
    std::string operator_password_, operator_token_;
};

}  // namespace livefair::test
