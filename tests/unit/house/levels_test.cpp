#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "unit/house/levels.hpp"

using namespace livefair::test;

namespace {

const std::string levels_file = LIVEFAIR_SOURCE_DIR "/tests/levels.txt";

/// The breaches in a tree of one file.
std::vector<std::string> breaches_of(const std::string& file, const std::string& text) {
    TemporaryFolder root;
    write_file(root.path() / file, text);
    return find_level_breaches(root.path(), levels_file);
}

}  // namespace

TEST_CASE("includes point down, and heavy headers stay out of headers", "[house]") {
    for (const auto& breach : find_level_breaches(LIVEFAIR_SOURCE_DIR, levels_file)) {
        INFO(breach);
        CHECK(false);
    }
}

TEST_CASE("the test of levels finds a planted breach of each rule", "[house]") {
    const std::vector<std::pair<std::string, std::string>> planted = {
        {"common/base/a.cpp", "#include \"net/http.hpp\"\n"},
        {"common/net/a.cpp", "#include \"room/hub.hpp\"\n"},
        {"server/room/a.cpp", "#include \"gateway/session.hpp\"\n"},
        {"server/room/a.cpp", "#include \"commerce/till.hpp\"\n"},
        {"server/ledger/a.cpp", "#include \"commerce/till.hpp\"\n"},
        {"server/room/a.cpp", "#include \"hls/playlist.hpp\"\n"},
        {"media/hls/a.cpp", "  #  include \"room/hub.hpp\"\n"},
        {"media/hls/a.cpp", "#include \"nowhere/a.hpp\"\n"},
        {"media/nowhere/a.cpp", "\n"},
        {"common/net/a.hpp", "#include <boost/beast/http.hpp>\n"},
        {"common/redis/a.hpp", "#include <hiredis/hiredis.h>\n"},
        {"server/room/a.hpp", "#include <livefair/v1/room.pb.h>\n"},
        {"media/codec/a.hpp", "#include <libavcodec/avcodec.h>\n"},
    };
    for (const auto& [file, text] : planted) {
        INFO(file << ": " << text);
        CHECK(breaches_of(file, text).size() == 1);
    }
    CHECK(breaches_of("server/room/a.cpp", "\n#include \"gateway/session.hpp\"\n").at(0) ==
          "server/room/a.cpp:2: server/room -> server/gateway goes up");
}

TEST_CASE("the test of levels lets pass what is allowed", "[house]") {
    CHECK(breaches_of("server/api/a.cpp", "#include \"ledger/orders.hpp\"\n#include \"base/id.hpp\"\n").empty());
    CHECK(breaches_of("server/commerce/a.cpp", "#include \"ledger/orders.hpp\"\n#include \"till.lua.hpp\"\n").empty());
    CHECK(breaches_of("common/net/a.cpp", "#include <boost/beast/http.hpp>\n#include \"net/http.hpp\"\n").empty());
    CHECK(breaches_of("server/main.cpp", "#include \"app.hpp\"\n#include \"api/api.hpp\"\n").empty());
}

TEST_CASE("a rule that can't be read is a breach", "[house]") {
    TemporaryFolder root;
    write_file(root.path() / "levels.txt", "level 0 common/base\ncommon/a -> common/b\n");
    CHECK(find_level_breaches(root.path(), root.path() / "levels.txt").size() == 1);
    CHECK(find_level_breaches(root.path(), root.path() / "missing.txt").size() == 1);
}
