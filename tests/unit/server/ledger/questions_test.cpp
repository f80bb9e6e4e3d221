#include "ledger/questions.hpp"

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/room.pb.h>

#include "ledger/catalog.hpp"
#include "ledger/people.hpp"
#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;

namespace {

/// A ledger with a show and a host.
struct Scene {
    Scene() {
        v1::Show show;
        show.set_id("show-1");
        show.set_room_id("room-1");
        show.set_title("专场");
        show.set_starts_ms(1'000);
        REQUIRE(ledger::create_show(*db, show, 0).has_value());
        host = ledger::account_of_phone(*db, "13800000001", "小美", 0).value();
    }
    Result<> add(const std::string& id, v1::QuestionState state, std::int64_t media_time_ms, std::int64_t votes, std::int64_t asked_ms = 5) {
        v1::Question question;
        question.set_id(id);
        question.set_show_id("show-1");
        question.set_text("几天发货？");
        question.set_votes(votes);
        question.set_asked_ms(asked_ms);
        question.set_account_id("wang");
        question.set_nickname("小王");
        question.set_state(state);
        question.set_media_time_ms(media_time_ms);
        return ledger::add_question(*db, question, host, 9);
    }
    std::vector<std::string> listed() {
        std::vector<std::string> ids;
        const auto list = ledger::list_questions(*db, ShowId("show-1"));
        for (const auto& question : list->questions()) ids.push_back(question.id());
        return ids;
    }
    test::FreshDatabase db;
    AccountId host;
};

}  // namespace

TEST_CASE("closed questions are listed as they were answered, then those left for later, and removed ones are not", "[ledger]") {
    Scene scene;
    REQUIRE(scene.add("later-few", v1::QUESTION_STATE_LATER, 0, 1).has_value());
    REQUIRE(scene.add("second", v1::QUESTION_STATE_ANSWERED, 2000, 1).has_value());
    REQUIRE(scene.add("gone", v1::QUESTION_STATE_REMOVED, 0, 50).has_value());
    REQUIRE(scene.add("later-many", v1::QUESTION_STATE_LATER, 0, 9).has_value());
    REQUIRE(scene.add("first", v1::QUESTION_STATE_ANSWERED, 1000, 3).has_value());
    CHECK(scene.listed() == std::vector<std::string>{"first", "second", "later-many", "later-few"});
    const auto first = ledger::list_questions(*scene.db, ShowId("show-1"))->questions(0);
    CHECK(first.text() == "几天发货？");
    CHECK(first.votes() == 3);
    CHECK(first.media_time_ms() == 1000);
    CHECK(first.state() == v1::QUESTION_STATE_ANSWERED);
    CHECK((first.account_id() + first.nickname()).empty());
}

TEST_CASE("a question that is kept stays as it was, and asked anew it is another row", "[ledger]") {
    Scene scene;
    REQUIRE(scene.add("a", v1::QUESTION_STATE_ANSWERED, 1000, 3).has_value());
    REQUIRE(scene.add("a", v1::QUESTION_STATE_LATER, 0, 4).has_value());
    CHECK(scene.listed() == std::vector<std::string>{"a"});
    REQUIRE(scene.add("a", v1::QUESTION_STATE_ANSWERED, 700'000, 1, 600'005).has_value());
    CHECK(scene.listed() == std::vector<std::string>{"a", "a"});
    v1::Question of_no_show;
    of_no_show.set_id("b");
    of_no_show.set_votes(1);
    CHECK(to_errc(ledger::add_question(*scene.db, of_no_show, scene.host, 9).error()) == Errc::not_found);
}
