#include "api/pages.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "api/route.hpp"
#include "support/temporary_folder.hpp"

using namespace livefair;

namespace {

std::string header_of(const net::HttpResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.headers)
        if (key == name) return value;
    return {};
}

struct Fixture {
    test::TemporaryFolder folder;
    Config config;
    Fixture() {
        config.server.web_dir = folder.file("dist");
        config.site.url = "https://live.example.cn";
        config.site.media_url = "https://media.example.cn:8443/x";
        for (const auto* page : {"index", "watch", "host", "operator"})
            test::write_file(folder.path() / "dist" / (std::string(page) + ".html"), page);
        test::write_file(folder.path() / "dist/assets/app-1a2b.js", "script");
        test::write_file(folder.path() / "secret.txt", "secret");
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "each address of the site has its page", "[api]") {
    const api::Pages pages(config);
    const std::vector<std::pair<std::string, std::string>> expected = {{"/", "index"},
                                                                       {"/watch/room-a", "watch"},
                                                                       {"/host/room-a", "host"},
                                                                       {"/operator", "operator"},
                                                                       {"/index.html", "index"}};
    for (const auto& [path, text] : expected) {
        const auto response = pages.find(path);
        CHECK(response.status == 200);
        CHECK(*response.body.front() == text);
        CHECK(response.content_type == "text/html; charset=utf-8");
        CHECK(header_of(response, "Cache-Control") == "no-cache");
    }
    for (const auto* path : {"/watch/", "/watch/a/b", "/watch/a b", "/nothing", "/operator/x", "/assets/"})
        CHECK(pages.find(path).status == 404);
}

TEST_CASE_METHOD(Fixture, "files with a hash in their name may be kept for ever", "[api]") {
    const auto response = api::Pages(config).find("/assets/app-1a2b.js");
    CHECK(response.status == 200);
    CHECK(response.content_type == "text/javascript; charset=utf-8");
    CHECK(header_of(response, "Cache-Control") == "public, max-age=31536000, immutable");
}

TEST_CASE_METHOD(Fixture, "nothing outside the folder is served, by dots or by links", "[api]") {
    std::filesystem::create_symlink(folder.path() / "secret.txt", folder.path() / "dist/link.txt");
    std::filesystem::create_directory_symlink(folder.path(), folder.path() / "dist/up");
    const api::Pages pages(config);
    for (const auto* path : {"/../secret.txt", "/assets/../../secret.txt", "/link.txt", "/up/secret.txt",
                             "//secret.txt", "/dist/../secret.txt"})
        CHECK(pages.find(path).status == 404);
}

TEST_CASE_METHOD(Fixture, "every page says what it may load and that nobody may frame it", "[api]") {
    const api::Pages pages(config);
    for (const auto* path : {"/", "/nothing"}) {
        const auto policy = header_of(pages.find(path), "Content-Security-Policy");
        CHECK(policy.find("default-src 'self'") != std::string::npos);
        CHECK(policy.find("connect-src 'self' wss://live.example.cn https://media.example.cn:8443;") !=
              std::string::npos);
        CHECK(policy.find("media-src 'self' blob: https://media.example.cn:8443;") != std::string::npos);
        CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
        CHECK(policy.find("script-src") == std::string::npos);  // default-src: no inline scripts
    }
}

TEST_CASE_METHOD(Fixture, "without built pages people are told what to do", "[api]") {
    config.server.web_dir = folder.file("nowhere");
    CHECK(api::Pages(config).find("/").status == 503);
}

TEST_CASE("a path fits a pattern segment by segment", "[api]") {
    std::vector<std::string> parameters;
    CHECK(api::matches("/api/v1/me", "/api/v1/me", parameters));
    CHECK(api::matches("/shows/{show}/offers/{offer}/open", "/shows/s1/offers/o2/open", parameters));
    CHECK(parameters == std::vector<std::string>{"s1", "o2"});
    for (const auto* path :
         {"/shows/s1", "/shows/s1/offers/o2", "/shows/s1/offers/o2/open/x", "/shows//offers/o2/open", "/"})
        CHECK_FALSE(api::matches("/shows/{show}/offers/{offer}/open", path, parameters));
}

TEST_CASE("every route that changes a room or the site needs a role that viewers have not", "[api]") {
    const auth::Identity viewer{AccountId("viewer"), "viewer", {}, "session"};
    for (const auto& route : api::routes()) {
        INFO(route.method << ' ' << route.pattern);
        const bool is_open = route.access == api::Access::anyone || route.access == api::Access::provider ||
                             route.access == api::Access::pay_page || route.access == api::Access::signed_in;
        CHECK(auth::may(viewer, route.action, RoomId("room")) == is_open);
        const bool names_room = route.access == api::Access::of_show || route.access == api::Access::of_room;
        if (names_room) CHECK(route.pattern.find('{') != std::string_view::npos);
    }
}
