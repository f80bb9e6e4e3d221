#include "hls/cue.hpp"
#include "support/catch.hpp"

using namespace livefair::hls;

TEST_CASE("a cue is one DATERANGE line that names class, offer, title and price", "[hls]") {
    Cue cue{"pin-7", Cue::Kind::pin, 1'763'860'923'456, std::nullopt, "o-1", "古丈毛尖 250g", 12'800, std::nullopt};
    CHECK(render_cue(cue) ==
          "#EXT-X-DATERANGE:ID=\"pin-7\",CLASS=\"cn.livefair.pin\",START-DATE=\"2025-11-23T01:22:03.456Z\","
          "X-OFFER-ID=\"o-1\",X-TITLE=\"古丈毛尖 250g\",X-PRICE-FEN=12800");
    cue.kind = Cue::Kind::sale;
    cue.end_ms = cue.start_ms + 20'000;
    CHECK(render_cue(cue) ==
          "#EXT-X-DATERANGE:ID=\"pin-7\",CLASS=\"cn.livefair.sale\",START-DATE=\"2025-11-23T01:22:03.456Z\","
          "END-DATE=\"2025-11-23T01:22:23.456Z\",X-OFFER-ID=\"o-1\",X-TITLE=\"古丈毛尖 250g\",X-PRICE-FEN=12800");
}

TEST_CASE("a title can't leave its quotes or its line", "[hls]") {
    const Cue cue{"pin-7", Cue::Kind::pin, 0, std::nullopt, "o-1", "a\",X-EVIL=\"1\r\n#EXT-X-ENDLIST\x7f", 1, std::nullopt};
    const auto line = render_cue(cue);
    CHECK(line.find_first_of("\r\n\x7f") == std::string::npos);
    CHECK(line.find(",X-TITLE=\"a”,X-EVIL=”1  #EXT-X-ENDLIST \",X-PRICE-FEN=1") != std::string::npos);
}
