#include "gateway/ledger_link.hpp"

#include <catch2/catch.hpp>

using livefair::gateway::LedgerAddress;

TEST_CASE("the ledger's address is read from its url", "[gateway]") {
    const LedgerAddress address("http://10.0.0.5:8080/");
    CHECK(address.host == "10.0.0.5");
    CHECK(address.port == 8080);
    CHECK(LedgerAddress("http://localhost").port == 80);
}

TEST_CASE("a url that can't be the ledger's says what to write instead", "[gateway]") {
    for (const std::string url : {"", "10.0.0.5:8080", "https://10.0.0.5", "http://", "http://:8080", "http://10.0.0.5:", "http://10.0.0.5:0", "http://10.0.0.5:65536",
                                  "http://10.0.0.5:80x", "http://10.0.0.5/ws"}) {
        CAPTURE(url);
        CHECK_THROWS_WITH(LedgerAddress(url), Catch::Contains("server.ledger_url must be http://"));
    }
}
