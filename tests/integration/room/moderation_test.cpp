#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "integration/room/house.hpp"

using namespace livefair;
using namespace livefair::test;
using room::Format;

namespace {

const std::string room_a = "room-a";

std::string code_of(const v1::ServerMessage& answer) { return answer.has_done() ? "done " + answer.done().code() : answer.failure().code(); }

v1::ServerMessage set_rules(Client& client, std::int64_t slow_ms, bool mute_all, bool review_all) {
    v1::ClientMessage message;
    auto& body = *message.mutable_set_chat_rules();
    body.set_room_id(room_a);
    body.mutable_rules()->set_slow_ms(slow_ms);
    body.mutable_rules()->set_mute_all(mute_all);
    body.mutable_rules()->set_review_all(review_all);
    return client.ask(std::move(message));
}

v1::ServerMessage review(Client& client, const std::string& chat, bool approve) {
    v1::ClientMessage message;
    message.mutable_review_chat()->set_room_id(room_a);
    message.mutable_review_chat()->set_chat_id(chat);
    message.mutable_review_chat()->set_approve(approve);
    return client.ask(std::move(message));
}

v1::ServerMessage ban(Client& client, const std::string& account, std::int64_t duration_ms, const std::string& why = {}) {
    v1::ClientMessage message;
    message.mutable_ban()->set_room_id(room_a);
    message.mutable_ban()->set_account_id(account);
    message.mutable_ban()->set_duration_ms(duration_ms);
    message.mutable_ban()->set_why(why);
    return client.ask(std::move(message));
}

v1::ServerMessage try_join(Client& client) {
    v1::ClientMessage message;
    message.mutable_join()->set_room_id(room_a);
    return client.ask(std::move(message));
}

/// Sooner or later: the end of a ban reaches the other gateways and shards as an event of the room, after its "done".
bool is_let_in(Client& client) {
    return eventually([&] { return try_join(client).has_snapshot(); });
}

v1::ChatHeld wait_held(Client& client) {
    return client.wait_event([](const v1::SequencedEvent& event) { return event.event().has_chat_held(); }).event().chat_held();
}

/// The line of the next chat event; whatever may not be shown to viewers fails the test.
v1::SequencedEvent next_chat_of_viewer(Client& client) {
    return client.wait_event([](const v1::SequencedEvent& event) {
        CHECK_FALSE(event.event().has_chat_held());
        CHECK_FALSE(event.event().has_chat_reviewed());
        return event.event().has_chat();
    });
}

}  // namespace

TEST_CASE("slow mode holds for an account on all its connections, and for staff never", "[moderation][system]") {
    House house;
    const auto token = house.buyer("小王");
    Client host(house, house.host_of(room_a)), first(house, token), second(house, token, Format::json), other(house, house.buyer("小李"));
    for (auto* client : {&host, &first, &second, &other}) client->join(room_a);
    REQUIRE(set_rules(host, 60'000, false, false).has_done());
    first.wait_event([](const v1::SequencedEvent& event) { return event.event().chat_rules().rules().slow_ms() == 60'000; });

    CHECK(first.say(room_a, "one").has_done());
    const auto refused = second.say(room_a, "two");
    CHECK(code_of(refused) == "too_many_requests");
    CHECK_THAT(refused.failure().message_zh(), Catch::Contains("60 秒"));
    CHECK(other.say(room_a, "three").has_done());
    for (int i = 0; i < 3; ++i) CHECK(host.say(room_a, "host").has_done());
    Client late(house);
    CHECK(late.join(room_a).chat_rules().slow_ms() == 60'000);

    // A shorter pause holds at once, also for those who wait for the longer one.
    REQUIRE(set_rules(host, 1, false, false).has_done());
    CHECK(second.say(room_a, "four").has_done());
    CHECK(code_of(set_rules(host, 600'001, false, false)) == "invalid_input");
    CHECK(code_of(set_rules(host, -1, false, false)) == "invalid_input");
    CHECK(code_of(set_rules(first, 0, false, false)) == "forbidden");
}

TEST_CASE("while all are muted only staff speak", "[moderation][system]") {
    House house;
    Client moderator(house, house.staff_of(room_a, "MODERATOR")), viewer(house, house.buyer("小王"));
    moderator.join(room_a);
    viewer.join(room_a);
    REQUIRE(set_rules(moderator, 0, true, false).has_done());
    CHECK(code_of(viewer.say(room_a, "hello")) == "forbidden");
    CHECK(moderator.say(room_a, "稍后开放").has_done());
    CHECK(next_chat_of_viewer(viewer).event().chat().text() == "稍后开放");
    REQUIRE(set_rules(moderator, 0, false, false).has_done());
    CHECK(viewer.say(room_a, "hello").has_done());
}

TEST_CASE("a held line is seen by nobody but moderators until one of them approves it, once", "[moderation][system]") {
    House house;
    Client one(house, house.staff_of(room_a, "MODERATOR")), author(house, house.buyer("小王")), viewer(house, house.buyer("小李"), Format::json);
    for (auto* client : {&one, &author, &viewer}) client->join(room_a);
    REQUIRE(set_rules(one, 0, false, true).has_done());
    const auto answer = author.say(room_a, "几天到长沙");
    CHECK(code_of(answer) == "done held");
    CHECK_THAT(answer.done().message_zh(), Catch::Contains("审核"));
    const auto held = wait_held(one);
    CHECK(held.line().text() == "几天到长沙");
    CHECK(held.reason() == v1::HOLD_REASON_RULE);

    Client two(house, house.host_of(room_a));
    CHECK(two.join(room_a).chat_size() == 0);
    CHECK(wait_held(two).line().id() == held.line().id());
    CHECK(code_of(review(viewer, held.line().id(), true)) == "forbidden");
    CHECK(code_of(review(one, held.line().id(), true)) == "done ");
    CHECK(code_of(review(two, held.line().id(), true)) == "not_found");
    CHECK(two.wait_event([](const v1::SequencedEvent& event) { return event.event().has_chat_reviewed(); }).event().chat_reviewed().approved());

    CHECK(author.say(room_a, "不好的话").has_done());
    CHECK(code_of(review(two, wait_held(two).line().id(), false)) == "done ");
    REQUIRE(one.say(room_a, "end").has_done());
    const auto shown = next_chat_of_viewer(viewer);
    CHECK(shown.event().chat().id() == held.line().id());
    CHECK(shown.event().chat().nickname() == "小王");
    const auto end = next_chat_of_viewer(viewer);
    CHECK(end.event().chat().text() == "end");
    CHECK(end.seq() == shown.seq() + 1);
    CHECK(house.call("GET", "/api/v1/rooms/room-a/history", {}, {}).find("不好的话") == std::string::npos);
}

TEST_CASE("links and other platforms are held for viewers and shown for staff, and refused words hold for both", "[moderation][system]") {
    House house(House::Settings{{"LIVEFAIR_ROOM_BANNED_WORDS", "假货"}});
    Client host(house, house.host_of(room_a)), viewer(house, house.buyer("小王"));
    host.join(room_a);
    viewer.join(room_a);
    CHECK(code_of(viewer.say(room_a, "加-V-信聊")) == "done held");
    CHECK(wait_held(host).reason() == v1::HOLD_REASON_CONTACT);
    CHECK(code_of(viewer.say(room_a, "看 ｔａｏｂａｏ．ｃｏｍ")) == "done held");
    CHECK(wait_held(host).reason() == v1::HOLD_REASON_LINK);
    CHECK(code_of(viewer.say(room_a, "是假 货吗")) == "done ");
    CHECK(code_of(viewer.say(room_a, "是假-货吗")) == "invalid_input");
    CHECK(code_of(host.say(room_a, "不卖假货")) == "invalid_input");
    CHECK(code_of(host.say(room_a, "详情见 https://example.com")) == "done ");
    CHECK(next_chat_of_viewer(viewer).event().chat().text() == "是假 货吗");
    CHECK(next_chat_of_viewer(viewer).event().chat().text() == "详情见 https://example.com");
}

TEST_CASE("a banned account leaves the room on all its connections and stays out until it is let in again", "[moderation][system]") {
    House house;
    const auto token = house.buyer("小王");
    Client host(house, house.host_of(room_a)), first(house, token), second(house, token, Format::json), guest(house);
    for (auto* client : {&host, &first, &second, &guest}) client->join(room_a);
    first.join("room-b");
    REQUIRE(first.say(room_a, "rude").has_done());
    const auto account = host.wait_chat("rude").event().chat().account_id();
    REQUIRE(code_of(ban(host, account, 600'000, "辱骂")) == "done ");
    for (auto* client : {&first, &second}) {
        const auto removed = client->wait_message([](const v1::ServerMessage& message) { return message.has_removed(); });
        CHECK(removed.removed().room_id() == room_a);
        CHECK(removed.removed().why().code() == "forbidden");
        CHECK(code_of(client->say(room_a, "again")) == "conflict");
        CHECK(code_of(try_join(*client)) == "forbidden");
    }
    CHECK(first.say("room-b", "elsewhere").has_done());
    Client third(house, token);
    CHECK(code_of(try_join(third)) == "forbidden");
    REQUIRE(guest.join(room_a).room_id() == room_a);

    REQUIRE(code_of(ban(host, account, 0)) == "done ");
    REQUIRE(is_let_in(third));
    CHECK(third.say(room_a, "sorry").has_done());
}

TEST_CASE("whoever was banned does not come back from the same browser under another account, nor as a guest", "[moderation][system]") {
    House house;
    const std::string browser(32, 'a'), other_browser(32, 'b');
    const auto rude = house.buyer("小王", browser), again = house.buyer("小张", browser);
    const auto client = [&](const std::string& token, const std::string& device) {
        return std::make_unique<Client>(house, house.gateway(), token, Format::proto, device);
    };
    Client host(house, house.host_of(room_a));
    const auto first = client(rude, browser), guest = client({}, browser), stranger = client({}, other_browser), moderator = client(house.staff_of(room_a, "MODERATOR"), browser);
    for (auto* each : {&host, first.get(), guest.get(), stranger.get(), moderator.get()}) each->join(room_a);
    REQUIRE(first->say(room_a, "rude").has_done());
    const auto account = host.wait_chat("rude").event().chat().account_id();
    REQUIRE(code_of(ban(host, account, 600'000)) == "done ");
    for (auto* each : {first.get(), guest.get()}) {
        CHECK(each->wait_message([](const v1::ServerMessage& message) { return message.has_removed(); }).removed().room_id() == room_a);
        CHECK(code_of(try_join(*each)) == "forbidden");
    }
    CHECK(code_of(try_join(*client(again, browser))) == "forbidden");
    // At home on another browser the second account is welcome, and staff stay whatever browser they share.
    CHECK(try_join(*client(again, other_browser)).has_snapshot());
    CHECK(try_join(*stranger).has_snapshot());
    CHECK(moderator->say(room_a, "please be kind").has_done());

    REQUIRE(code_of(ban(host, account, 0)) == "done ");
    CHECK(is_let_in(*client(again, browser)));
    CHECK(is_let_in(*guest));
}

TEST_CASE("staff and unknown accounts can't be banned, nor for a time that makes no sense", "[moderation][system]") {
    House house;
    Client moderator(house, house.staff_of(room_a, "MODERATOR")), host(house, house.host_of(room_a)), viewer(house, house.buyer("小王"));
    for (auto* client : {&moderator, &host, &viewer}) client->join(room_a);
    REQUIRE(host.say(room_a, "hello").has_done());
    const auto host_account = moderator.wait_chat("hello").event().chat().account_id();
    CHECK(code_of(ban(moderator, host_account, 1000)) == "forbidden");
    CHECK(code_of(ban(moderator, "nobody", 1000)) == "not_found");
    CHECK(code_of(ban(moderator, "no id!", 1000)) == "invalid_input");
    CHECK(code_of(ban(moderator, host_account, -1)) == "invalid_input");
    CHECK(code_of(ban(moderator, host_account, INT64_MAX)) == "invalid_input");
    CHECK(code_of(ban(moderator, host_account, 1000, std::string(201, 'x'))) == "invalid_input");
    CHECK(code_of(ban(viewer, host_account, 1000)) == "forbidden");
    CHECK(host.say(room_a, "still here").has_done());
}

TEST_CASE("the ledger keeps who did what to whom and why, for those who may moderate to read", "[moderation][system]") {
    House house;
    const auto host_token = house.host_of(room_a), viewer_token = house.buyer("小王");
    Client host(house, host_token), viewer(house, viewer_token);
    host.join(room_a);
    viewer.join(room_a);
    REQUIRE(viewer.say(room_a, "bad words").has_done());
    const auto line = host.wait_chat("bad words").event().chat();
    v1::ClientMessage erase;
    erase.mutable_delete_chat()->set_room_id(room_a);
    erase.mutable_delete_chat()->set_chat_id(line.id());
    erase.mutable_delete_chat()->set_why(" 辱骂\u200b他人 ");
    REQUIRE(host.ask(erase).has_done());
    REQUIRE(set_rules(host, 5000, false, false).has_done());
    REQUIRE(ban(host, line.account_id(), 60'000, "刷屏").has_done());

    const auto list = [&](const std::string& query) {
        return boost::json::parse(house.call("GET", "/api/v1/rooms/room-a/actions" + query, {}, host_token)).as_object().at("actions").as_array();
    };
    const auto actions = list("");
    REQUIRE(actions.size() == 3);
    CHECK(actions[0].at("kind") == "ban");
    CHECK(actions[0].at("why") == "刷屏");
    CHECK(actions[0].at("durationMs") == "60000");
    CHECK(actions[1].at("text") == "slow_ms=5000 mute_all=0 review_all=0");
    CHECK(actions[2].at("kind") == "delete");
    CHECK(actions[2].at("why") == "辱骂他人");
    CHECK(actions[2].at("text") == "bad words");
    CHECK(std::string(actions[2].at("accountId").as_string()) == line.account_id());
    CHECK(actions[2].at("byNickname") == "主持人");
    const auto older = list("?count=1&before=" + std::string(actions[1].at("id").as_string()));
    REQUIRE(older.size() == 1);
    CHECK(older[0] == actions[2]);

    CHECK_THROWS_WITH(house.call("GET", "/api/v1/rooms/room-a/actions", {}, viewer_token), Catch::Contains("403"));
    CHECK_THROWS_WITH(house.call("GET", "/api/v1/rooms/room-a/actions", {}, house.host_of("room-b")), Catch::Contains("403"));
    CHECK_THROWS_WITH(house.call("DELETE", "/api/v1/rooms/room-a/actions", {}, host_token), Catch::Contains("405"));
}

TEST_CASE("a buyer can't sign in under a name that looks like staff's", "[moderation][system]") {
    House house;
    CHECK_THROWS_WITH(house.buyer("官⽅客服"), Catch::Contains("400") && Catch::Contains("工作人员"));
}

TEST_CASE("of more lines than a room shows each author sees their own, and staff's lines are seen by all", "[moderation][system]") {
    House house(House::Settings{{"LIVEFAIR_ROOM_CHAT_LINES_PER_S", "2"},
                                {"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"}});
    Client host(house, house.host_of(room_a)), viewer(house), author(house, house.buyer("小王"), Format::json);
    host.join(room_a);
    viewer.join(room_a);
    const auto seq = author.join(room_a).seq();
    std::vector<std::string> all, shown;
    for (int i = 0; i < 12; ++i) {
        const auto text = "line " + std::to_string(i);
        const auto code = code_of(author.say(room_a, text));
        REQUIRE((code == "done " || code == "done sampled"));
        all.push_back(text);
        if (code == "done ") shown.push_back(text);
        CHECK(author.wait_chat(text).event().chat().nickname() == "小王");
    }
    REQUIRE((shown.size() >= 2 && shown.size() < all.size()));
    REQUIRE(code_of(host.say(room_a, "welcome")) == "done ");
    REQUIRE(code_of(host.say(room_a, "end")) == "done ");
    for (const auto& text : shown) CHECK(next_chat_of_viewer(viewer).event().chat().text() == text);
    CHECK(next_chat_of_viewer(viewer).event().chat().text() == "welcome");
    CHECK(author.wait_chat("welcome").seq() == seq + static_cast<std::int64_t>(shown.size()) + 1);
}
