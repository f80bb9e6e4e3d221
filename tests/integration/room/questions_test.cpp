#include <catch2/catch.hpp>
#include <string>

#include "integration/room/house.hpp"

using namespace livefair;
using namespace livefair::test;
using room::Format;

namespace {

constexpr const char* room_a = "room-a";

std::string code_of(const v1::ServerMessage& answer) { return answer.has_failure() ? answer.failure().code() : "done " + answer.done().code(); }

std::string ask(Client& client, const std::string& text) {
    v1::ClientMessage message;
    message.mutable_ask()->set_room_id(room_a);
    message.mutable_ask()->set_text(text);
    return code_of(client.ask(std::move(message)));
}

std::string vote(Client& client, const std::string& id) {
    v1::ClientMessage message;
    message.mutable_vote_question()->set_room_id(room_a);
    message.mutable_vote_question()->set_question_id(id);
    return code_of(client.ask(std::move(message)));
}

std::string close(Client& client, const std::string& id, v1::QuestionState state, std::int64_t media_time_ms = 0) {
    v1::ClientMessage message;
    message.mutable_close_question()->set_room_id(room_a);
    message.mutable_close_question()->set_question_id(id);
    message.mutable_close_question()->set_state(state);
    message.mutable_close_question()->set_media_time_ms(media_time_ms);
    return code_of(client.ask(std::move(message)));
}

/// The first board with so many open questions and so many votes in all; whatever may not be shown to viewers fails the test.
v1::QuestionBoard wait_board(Client& viewer, std::int64_t open, std::int64_t votes) {
    const auto is_it = [&](const v1::SequencedEvent& event) {
        CHECK_FALSE(event.event().has_question_queue());
        std::int64_t sum = 0;
        for (const auto& question : event.event().questions().questions()) {
            CHECK((question.account_id() + question.nickname()).empty());
            sum += question.votes();
        }
        return event.event().has_questions() && event.event().questions().open() == open && sum == votes;
    };
    return viewer.wait_event(is_it).event().questions();
}

v1::QuestionBoard wait_queue(Client& moderator, std::int64_t open) {
    const auto is_it = [&](const v1::SequencedEvent& event) { return event.event().has_question_queue() && event.event().question_queue().open() == open; };
    return moderator.wait_event(is_it).event().question_queue();
}

}  // namespace

TEST_CASE("equal questions of two gateways gather votes, the host answers one on air and the rest is left for after the show", "[questions][system]") {
    House house;
    auto& second = house.add_gateway();
    Client host(house, second, house.host_of(room_a)), first(house, house.buyer("小王"), Format::json), other(house, second, house.buyer("小李")), guest(house);
    for (auto* client : {&host, &first, &other, &guest}) client->join(room_a);
    CHECK(ask(first, "几天能发货？") == "done ");
    CHECK(ask(other, " 几天能 发货! ") == "done voted");
    CHECK(ask(other, "几天能发货") == "done voted");
    CHECK(ask(other, "有没有大箱的") == "done ");
    const auto board = wait_board(guest, 2, 3);
    CHECK(board.questions(0).text() == "几天能发货？");
    CHECK(board.as_of_ms() > 0);
    const auto queue = wait_queue(host, 2);
    CHECK(queue.questions(0).nickname() == "小王");
    CHECK(queue.questions(0).votes() == 2);

    // Those who come late find them; who asked is for moderators alone.
    Client late(house), moderator(house, house.staff_of(room_a, "MODERATOR"));
    CHECK(late.join(room_a).questions().open() == 2);
    moderator.join(room_a);
    CHECK(wait_queue(moderator, 2).questions(1).nickname() == "小李");

    const auto box = queue.questions(1).id(), ship = queue.questions(0).id();
    CHECK(vote(first, box) == "done ");
    CHECK(vote(first, box) == "done voted");
    CHECK(vote(first, "0123") == "not_found");
    CHECK(vote(guest, box) == "unauthenticated");
    wait_board(guest, 2, 4);
    CHECK(close(first, ship, v1::QUESTION_STATE_ANSWERED) == "forbidden");
    CHECK(close(host, ship, v1::QUESTION_STATE_OPEN) == "invalid_input");
    CHECK(close(host, ship, v1::QUESTION_STATE_ANSWERED) == "done ");
    CHECK(close(moderator, ship, v1::QUESTION_STATE_REMOVED) == "not_found");
    wait_board(guest, 1, 2);
    CHECK(ask(first, "几天能发货") == "done answered");

    const std::string questions = "/api/v1/shows/show-a/questions";
    const auto answered = house.call("GET", questions, {}, {});
    CHECK(answered.find("几天能发货？") != std::string::npos);
    CHECK(answered.find("mediaTimeMs") != std::string::npos);
    CHECK(answered.find("小王") == std::string::npos);
    CHECK(answered.find("有没有大箱的") == std::string::npos);

    house.call("POST", "/api/v1/shows/show-a/state", R"({"state":"SHOW_STATE_ENDED"})", house.site_operator());
    wait_board(guest, 0, 0);
    CHECK(house.call("GET", questions, {}, {}).find("有没有大箱的") != std::string::npos);
    CHECK(ask(first, "还能问吗") == "conflict");
    CHECK(Client(house).join(room_a).questions().open() == 0);
}

TEST_CASE("a question keeps the rules of the room and is no way around them", "[questions][system]") {
    House house(House::Settings{{"LIVEFAIR_ROOM_BANNED_WORDS", "假货"}, {"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"}});
    Client host(house, house.host_of(room_a)), viewer(house, house.buyer("小王")), outsider(house, house.buyer("小李"));
    host.join(room_a);
    viewer.join(room_a);
    CHECK(ask(outsider, "在吗") == "conflict");
    CHECK(vote(outsider, "0123") == "conflict");
    CHECK(ask(viewer, "是假-货吗") == "invalid_input");
    CHECK(ask(viewer, "能加微信问吗") == "invalid_input");
    CHECK(ask(viewer, "？！") == "invalid_input");
    CHECK(ask(viewer, std::string(303, 'x')) == "too_large");
    CHECK(ask(host, "想看哪个产品") == "done ");
    REQUIRE(viewer.say(room_a, "rude").has_done());
    v1::ClientMessage mute;
    mute.mutable_mute()->set_room_id(room_a);
    mute.mutable_mute()->set_account_id(host.wait_chat("rude").event().chat().account_id());
    mute.mutable_mute()->set_duration_ms(60'000);
    REQUIRE(host.ask(mute).has_done());
    viewer.wait_event([](const v1::SequencedEvent& event) { return event.event().has_mute(); });
    CHECK(ask(viewer, "还能问吗") == "forbidden");
}
