#include "redis/codec.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace livefair;
using redis::Reply;
using redis::ReplyReader;

TEST_CASE("a command is an array of bulk strings, whatever bytes it has", "[redis][codec]") {
    std::string bytes;
    redis::append_command(bytes, {"SET", std::string("k\0\r\n", 4), ""});
    CHECK(bytes == std::string("*3\r\n$3\r\nSET\r\n$4\r\nk\0\r\n\r\n$0\r\n\r\n", 29));
}

TEST_CASE("replies come out the same in pieces of any size", "[redis][codec]") {
    const std::string whole = std::string("+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\n") + '\0' +
                              "b\r\n$-1\r\n*-1\r\n*0\r\n*3\r\n$1\r\nx\r\n*2\r\n:1\r\n:2\r\n$-1\r\n";
    for (std::size_t size = 1; size <= 64; ++size) {
        INFO("pieces of " << size);
        ReplyReader reader;
        std::vector<Reply> replies;
        for (std::size_t at = 0; at < whole.size(); at += size) {
            reader.feed(std::string_view(whole).substr(at, size));
            for (auto reply = reader.next().value(); reply; reply = reader.next().value()) replies.push_back(*reply);
        }
        REQUIRE(replies.size() == 8);
        CHECK(replies[0].text == "OK");
        CHECK(replies[1].is_error());
        CHECK(replies[1].text == "ERR no");
        CHECK(replies[2].integer == -42);
        CHECK(replies[3].text == std::string("a\r\n\0b", 5));
        CHECK(replies[4].is_nil());
        CHECK(replies[5].is_nil());
        CHECK(replies[6].kind == Reply::Kind::array);
        CHECK(replies[6].items.empty());
        REQUIRE(replies[7].items.size() == 3);
        CHECK(replies[7].items[0].text == "x");
        CHECK(replies[7].items[1].items.at(1).integer == 2);
        CHECK(replies[7].items[2].is_nil());
    }
}

TEST_CASE("bytes that are not RESP2 are an error, and stay one", "[redis][codec]") {
    for (const std::string bytes : {"hello\r\n", "%1\r\n+a\r\n+b\r\n", "*-2\r\n", "$-7\r\n", ":x\r\n"}) {
        INFO(bytes);
        ReplyReader reader;
        reader.feed(bytes);
        CHECK_FALSE(reader.next());
        CHECK_FALSE(reader.next());
    }
}

TEST_CASE("a reply over its limit is refused before it is whole", "[redis][codec]") {
    ReplyReader reader(100);
    reader.feed("$1000\r\n" + std::string(100, 'x'));
    CHECK(reader.next().error() == make_error_code(Errc::too_large));
    ReplyReader array;
    array.feed("*2000000\r\n");
    CHECK(array.next().error() == make_error_code(Errc::too_large));
}
