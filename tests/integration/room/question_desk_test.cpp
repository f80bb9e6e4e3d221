#include "room/question_desk.hpp"

#include <livefair/v1/room.pb.h>

#include <memory>
#include <string>
#include <vector>

#include "room/bus.hpp"
#include "support/catch.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using namespace std::chrono_literals;
using room::Asked;
using room::QuestionDesk;
using Outcome = room::Asked::Outcome;

namespace {

const RoomId room_id("hunan");

struct House {
    House() : client(context.get_executor(), with_functions(server.options())), desk(client, 1s) { client.start(); }
    static redis::Options with_functions(redis::Options options) {
        options.libraries = {std::string(room::library_source())};
        return options;
    }
    Result<Asked> ask(const std::string& id, const std::string& account) {
        v1::Question question;
        question.set_id(id);
        question.set_show_id("s1");
        question.set_text("question " + id);
        question.set_account_id(account);
        return test::run_task(context, desk.ask(room_id, question));
    }
    Outcome outcome(const std::string& id, const std::string& account) { return ask(id, account).value().outcome; }
    Outcome vote(const std::string& id, const std::string& account) { return test::run_task(context, desk.vote(room_id, id, AccountId(account))).value().outcome; }
    Result<> close(const std::string& id, v1::QuestionState state) { return test::run_task(context, desk.close(room_id, id, state)); }
    /// "id:votes" of each.
    std::vector<std::string> board(std::int64_t count = 50) {
        std::vector<std::string> found;
        const auto open = test::run_task(context, desk.board(room_id, count)).value();
        for (const auto& question : open.questions())
            found.push_back(question.id() + ":" + std::to_string(question.votes()));
        return found;
    }
    /// Redis' clock, by whose milliseconds questions are older or newer.
    std::int64_t now_ms() {
        const auto time = command({"TIME"});
        return std::stoll(time->items[0].text) * 1000 + std::stoll(time->items[1].text) / 1000;
    }
    Result<redis::Reply> command(redis::Client::Command command) { return test::run_task(context, client.command(std::move(command))); }

    test::RedisServer server;
    net::asio::io_context context{1};
    redis::Client client;
    QuestionDesk desk;
};

using Board = std::vector<std::string>;

}  // namespace

TEST_CASE("equal questions are one, and everybody has one vote for it", "[questions]") {
    House house;
    CHECK(house.outcome("a", "wang") == Outcome::asked);
    CHECK(house.outcome("a", "wang") == Outcome::again);
    CHECK(house.outcome("a", "li") == Outcome::voted);
    CHECK(house.vote("a", "li") == Outcome::again);
    CHECK(house.vote("a", "zhao") == Outcome::voted);
    CHECK(house.vote("b", "zhao") == Outcome::gone);
    CHECK(house.board() == Board{"a:3"});
}

TEST_CASE("the board has most votes first and the older of equal ones first", "[questions]") {
    House house;
    for (const std::string id : {"c", "a", "d", "b"}) {
        REQUIRE(house.outcome(id, "asker of " + id) == Outcome::asked);
        const auto asked_ms = house.now_ms();
        while (house.now_ms() == asked_ms) {}
    }
    CHECK(house.board() == Board{"c:1", "a:1", "d:1", "b:1"});
    CHECK(house.vote("d", "wang") == Outcome::voted);
    CHECK(house.board() == Board{"d:2", "c:1", "a:1", "b:1"});
    CHECK(house.board(2) == Board{"d:2", "c:1"});
    for (int i = 0; i < 100; ++i) REQUIRE(house.vote("b", "voter " + std::to_string(i)) == Outcome::voted);
    CHECK(house.board(1) == Board{"b:101"});
    const auto board = test::run_task(house.context, house.desk.board(room_id, 1)).value();
    CHECK(board.open() == 4);
    CHECK(board.as_of_ms() > 1'700'000'000'000);
    CHECK(board.questions(0).text() == "question b");
}

TEST_CASE("a closed question is off the board, once, and is not asked anew for ten minutes", "[questions]") {
    House house;
    REQUIRE(house.outcome("a", "wang") == Outcome::asked);
    REQUIRE(house.vote("a", "li") == Outcome::voted);
    CHECK(test::run_task(house.context, house.desk.find(room_id, "a"))->votes() == 2);
    CHECK(house.close("a", v1::QUESTION_STATE_ANSWERED).has_value());
    CHECK(to_errc(house.close("a", v1::QUESTION_STATE_REMOVED).error()) == Errc::not_found);
    CHECK(to_errc(test::run_task(house.context, house.desk.find(room_id, "a")).error()) == Errc::not_found);
    CHECK(house.board().empty());
    CHECK(house.vote("a", "zhao") == Outcome::closed);
    const auto again = house.ask("a", "zhao");
    CHECK(again->outcome == Outcome::closed);
    CHECK(again->state == v1::QUESTION_STATE_ANSWERED);
    REQUIRE(house.command({"HSET", "{rhunan}:questions_closed", "a", "2 " + std::to_string(house.now_ms() - 601'000)}));
    CHECK(house.outcome("a", "zhao") == Outcome::asked);
    // Who stood behind the one before may stand behind this one.
    CHECK(house.vote("a", "li") == Outcome::voted);
    CHECK(house.board() == Board{"a:2"});
}

TEST_CASE("a room holds 200 open questions and forgets them after a week", "[questions]") {
    House house;
    for (int i = 0; i < 200; ++i) REQUIRE(house.outcome("q" + std::to_string(i), "wang") == Outcome::asked);
    CHECK(to_errc(house.ask("one more", "wang").error()) == Errc::too_large);
    CHECK(house.vote("q7", "li") == Outcome::voted);
    REQUIRE(house.close("q8", v1::QUESTION_STATE_LATER).has_value());
    CHECK(house.outcome("one more", "wang") == Outcome::asked);
    for (const std::string key : {"questions", "question_texts", "voters:q7", "questions_closed"}) CHECK(house.command({"PTTL", "{rhunan}:" + key})->integer > 0);
    CHECK(house.command({"EXISTS", "{rhunan}:voters:q8"})->integer == 0);
}

TEST_CASE("a question's id is that of its show and its words", "[questions]") {
    CHECK(QuestionDesk::id_of("s1", "几天发货") == QuestionDesk::id_of("s1", "几天发货"));
    CHECK(QuestionDesk::id_of("s1", "几天发货") != QuestionDesk::id_of("s2", "几天发货"));
    CHECK(QuestionDesk::id_of("s1", "几天发货") != QuestionDesk::id_of("s1", "几天到货"));
    CHECK(is_id_text(QuestionDesk::id_of("s1", "x")));
}
