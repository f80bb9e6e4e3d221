#include <livefair/v1/order.pb.h>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "commerce/answers.hpp"
#include "commerce/commit_watch.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using commerce::CommitWatch;
using Outcome = commerce::CommitWatch::Outcome;
using std::chrono::milliseconds;

namespace {

const ShowId show("show1");

struct Waiting {
    explicit Waiting(net::asio::io_context& context) : io(context) {}
    void add(CommitWatch& watch, const std::string& id, const std::string& order) {
        outcomes.push_back(std::make_unique<std::optional<Outcome>>());
        net::spawn(io.get_executor(), wait(watch, id, order, *outcomes.back()), "wait");
        io.restart();
        io.poll();
    }
    static net::Task<> wait(CommitWatch& watch, std::string id, std::string order, std::optional<Outcome>& outcome) {
        outcome = co_await watch.wait(show, id + "@3", OrderId(std::move(order)), std::chrono::seconds(5));
    }
    std::optional<Outcome> outcome(std::size_t index) {
        io.restart();
        io.poll();
        return *outcomes[index];
    }
    net::asio::io_context& io;
    std::vector<std::unique_ptr<std::optional<Outcome>>> outcomes;
};

}  // namespace

TEST_CASE("a commit wakes those up to its id and names the refused", "[commerce]") {
    net::asio::io_context io;
    CommitWatch watch;
    Waiting waiting(io);
    waiting.add(watch, "10-1", "o1");
    waiting.add(watch, "10-2", "o2");
    waiting.add(watch, "11-0", "o3");
    watch.on_committed(show, "10-2@3 o2 o9");
    REQUIRE(waiting.outcome(0) == Outcome::committed);
    REQUIRE(waiting.outcome(1) == Outcome::refused);
    REQUIRE_FALSE(waiting.outcome(2).has_value());
    watch.on_committed(show, "11-0@3");
    REQUIRE(waiting.outcome(2) == Outcome::committed);
}

TEST_CASE("an answer of the till that comes after its commit still learns of the refusal", "[commerce]") {
    net::asio::io_context io;
    CommitWatch watch;
    watch.on_committed(show, "10-2@3 o2");
    REQUIRE(test::run_task(io, watch.wait(show, "10-1@3", OrderId("o1"), milliseconds(10))) == Outcome::committed);
    REQUIRE(test::run_task(io, watch.wait(show, "10-2@3", OrderId("o2"), milliseconds(10))) == Outcome::refused);
    REQUIRE(watch.newest(show) == "10-2");
}

TEST_CASE("after missed messages a waiter is told to look again, never that all is well", "[commerce]") {
    net::asio::io_context io;
    CommitWatch watch;
    Waiting waiting(io);
    waiting.add(watch, "10-1", "o1");
    watch.on_resynced(show, "12-0@3");
    REQUIRE(waiting.outcome(0) == Outcome::look_again);
    REQUIRE(test::run_task(io, watch.wait(show, "11-5@3", OrderId("o2"), milliseconds(10))) == Outcome::look_again);
    watch.on_committed(show, "13-0@3");
    REQUIRE(test::run_task(io, watch.wait(show, "12-1@3", OrderId("o3"), milliseconds(10))) == Outcome::committed);
}

TEST_CASE("a commit of another epoch says nothing of what the till decided in this one", "[commerce]") {
    net::asio::io_context io;
    CommitWatch watch;
    Waiting waiting(io);
    waiting.add(watch, "10-1", "o1");
    watch.on_committed(show, "12-0@4");
    REQUIRE(waiting.outcome(0) == Outcome::look_again);
    const auto wait = [&](const char* position) { return test::run_task(io, watch.wait(show, position, OrderId("o2"), milliseconds(10))); };
    REQUIRE(wait("11-0@4") == Outcome::committed);
    REQUIRE(wait("11-0@") == Outcome::look_again);
    REQUIRE(wait("11-0") == Outcome::look_again);
    // Words of an older epoch come too late, however high their ids are.
    watch.on_committed(show, "99-0@3");
    REQUIRE(wait("13-0@4") == Outcome::timed_out);
    watch.on_resynced(show, "9-0@5");
    REQUIRE(wait("8-0@4") == Outcome::look_again);
    REQUIRE(wait("10-0@5") == Outcome::timed_out);
}

TEST_CASE("a commit that does not come ends the wait, and other shows do not wake it", "[commerce]") {
    net::asio::io_context io;
    CommitWatch watch;
    watch.on_committed(ShowId("other"), "99-0@3");
    REQUIRE(test::run_task(io, watch.wait(show, "10-1@3", OrderId("o1"), milliseconds(5))) == Outcome::timed_out);
    REQUIRE(watch.newest(show).empty());
}

TEST_CASE("every reason to refuse has words in Chinese and English", "[commerce]") {
    using commerce::Refusal;
    for (const auto refusal : {Refusal::sold_out, Refusal::not_open, Refusal::closed, Refusal::limit, Refusal::no_offer,
                               Refusal::bad_quantity, Refusal::conflict, Refusal::practice, Refusal::refused}) {
        const auto answer = commerce::rejected_answer(OrderId("o1"), refusal);
        REQUIRE(answer.outcome() == v1::OUTCOME_REJECTED);
        REQUIRE(answer.reason() != v1::REJECT_REASON_UNSPECIFIED);
        REQUIRE_FALSE(answer.message_zh().empty());
        REQUIRE_FALSE(answer.message_en().empty());
    }
    REQUIRE(commerce::unknown_answer(OrderId("o1")).outcome() == v1::OUTCOME_UNKNOWN);
    REQUIRE(commerce::accepted_answer(OrderId("o1"), 5, 6, 7, false).left() == 7);
}
