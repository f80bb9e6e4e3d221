#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "integration/room/house.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;
using room::Format;

namespace {

House::Settings settings() {
    return {{"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"}, {"LIVEFAIR_LIMITS_PROXY_ADDRESSES", "127.0.0.1"}, {"LIVEFAIR_ROOM_CHAT_PER_10S", "100000"}};
}

/// What a viewer knows of a room by all that it has heard, as the page does it.
struct Knowledge {
    std::string epoch;
    std::int64_t seq = 0;
    std::vector<std::string> lines;   ///< On the page now.
    std::set<std::string> ever_seen;  ///< Also those that a fresh snapshot took away again.
    std::set<std::string> epochs;
};

/// Fails at a gap, at a double, and at events of an epoch that no snapshot has brought.
Knowledge knowledge_of(const Client& viewer) {
    Knowledge knows;
    const auto see = [&](const v1::RoomEvent& event) {
        if (!event.has_chat()) return;
        knows.lines.push_back(event.chat().text());
        knows.ever_seen.insert(event.chat().text());
    };
    for (const auto& message : viewer.heard()) {
        if (message.has_snapshot() && !message.snapshot().recovered()) {
            knows.epoch = message.snapshot().epoch();
            knows.seq = message.snapshot().seq();
            knows.lines.clear();
            for (const auto& line : message.snapshot().chat()) see(line.event());
        }
        if (message.has_snapshot() && message.snapshot().recovered()) {
            REQUIRE(message.snapshot().seq() == knows.seq);
            knows.epoch = message.snapshot().epoch();
        }
        if (message.has_snapshot()) knows.epochs.insert(knows.epoch);
        if (!message.has_events()) continue;
        REQUIRE(message.events().epoch() == knows.epoch);
        for (const auto& event : message.events().events()) {
            if (event.seq() == 0) continue;
            REQUIRE(event.seq() == ++knows.seq);
            see(event.event());
        }
    }
    const std::set<std::string> different(knows.lines.begin(), knows.lines.end());
    REQUIRE(different.size() == knows.lines.size());
    return knows;
}

/// Viewers at two gateways, a host who speaks and pins at one and a buyer at the other; in the midst `fault` strikes. Every must-deliver event that
/// its sender was told is done reaches every viewer once, in the same order. `epochs`: of the room, in all.
void check_two_gateways(House& house, std::size_t epochs, const std::function<void()>& fault) {
    auto& second = house.add_gateway();
    Client host(house, second, house.host_of("room-a")), buyer(house, house.buyer("小王"));
    host.join("room-a");
    buyer.join("room-a");
    std::vector<std::unique_ptr<Client>> viewers;
    for (int i = 0; i < 6; ++i) {
        const auto format = static_cast<Format>(i % room::format_count);
        viewers.push_back(i % 2 == 0 ? std::make_unique<Client>(house, std::string(), format) : std::make_unique<Client>(house, second, std::string(), format));
        viewers.back()->join("room-a");
    }
    std::vector<std::string> done;
    const auto say = [&](Client& speaker, const std::string& text) {
        if (speaker.say("room-a", text).has_done()) done.push_back(text);
    };
    constexpr int lines = 30;
    for (int i = 0; i < lines; ++i) {
        say(host, "host before " + std::to_string(i));
        say(buyer, "buyer before " + std::to_string(i));
    }
    REQUIRE(done.size() == 2 * lines);
    fault();
    // Each goes on speaking, a new line each time, and is told which ones are not done.
    int attempt = 0;
    const auto end = std::chrono::steady_clock::now() + 30s;
    for (auto* speaker : {&host, &buyer})
        for (int said = 0; said < lines;) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            const auto before = done.size();
            say(*speaker, "after " + std::to_string(++attempt));
            if (done.size() > before) ++said;
            else std::this_thread::sleep_for(10ms);
        }
    REQUIRE(host.say("room-a", "the end").has_done());
    std::vector<std::string> last;
    for (const auto& viewer : viewers) {
        const auto has_ended = [&] {
            const auto& heard = viewer->heard();
            return heard.back().ShortDebugString().find("the end") != std::string::npos;
        };
        while (!has_ended()) viewer->wait_any();
        const auto knows = knowledge_of(*viewer);
        CHECK(knows.epochs.size() == epochs);
        for (const auto& line : done) {
            CAPTURE(line);
            REQUIRE(knows.ever_seen.contains(line));
        }
        // What the shortest list shows, all show.
        const auto shown = std::vector<std::string>(knows.lines.end() - std::min<std::ptrdiff_t>(std::ssize(knows.lines), lines), knows.lines.end());
        if (last.empty()) last = shown;
        CHECK(shown == last);
    }
}

}  // namespace

TEST_CASE("two gateways and one Redis that is killed mid-chat: no viewer misses what must be delivered, none gets it twice", "[gateways][failover]") {
    House house(settings());
    check_two_gateways(house, 1, [&] {
        house.redis().kill9();
        house.redis().restart();
    });
}

TEST_CASE("two gateways and a cluster of six whose primary is killed mid-chat: no viewer misses what must be delivered, none gets it twice", "[gateways][failover][cluster]") {
    auto confirmed = settings();
    confirmed["LIVEFAIR_REDIS_REPLICAS_MIN"] = "1";
    House house(House::Clustered(), confirmed);
    std::size_t killed = 0;
    check_two_gateways(house, 2, [&] {
        killed = house.cluster().primary_of("{rroom-a}:events");
        house.cluster().server(killed).kill9();
        // Until its old primary is back as a replica, what the new one alone has is "unknown".
        REQUIRE(eventually([&] { return house.cluster().primary_of("{rroom-a}:events") != killed; }));
        house.cluster().server(killed).restart();
    });
}
