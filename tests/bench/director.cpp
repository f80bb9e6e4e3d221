#include "bench/director.hpp"

#include <livefair/v1/catalog.pb.h>

#include "base/log.hpp"
#include "bench/evening.hpp"
#include "bench/socket.hpp"

namespace livefair::bench {

namespace {

constexpr std::chrono::seconds flash_sale{60};
constexpr int cities_between_specials = 7;

/// One connected host. Every step fails as Socket::request() does.
class Director {
public:
    Director(Api api, std::shared_ptr<Socket> socket, DemoFolder folder, std::chrono::seconds segment)
        : api_(std::move(api)), socket_(std::move(socket)), folder_(std::move(folder)), segment_(segment) {}

    /// Directs until something fails.
    net::Task<Result<>> run() {
        auto step = co_await open_the_show();
        for (std::size_t turn = 0; step; ++turn) {
            const auto& cities = evening_cities();
            step = co_await present(cities[turn % cities.size()]);
            if (step && turn % cities_between_specials == cities_between_specials - 1) step = co_await present_specials();
        }
        co_return step;
    }

private:
    net::Task<Result<>> ask(v1::ClientMessage message) {
        const auto answer = co_await socket_->request(std::move(message));
        if (!answer) co_return answer.error();
        co_return Result<>();
    }

    net::Task<Result<>> open_the_show() {
        const std::string path = "/api/v1/shows/" + std::string(evening_show);
        const auto show = co_await api_.get<v1::Show>(path);
        if (!show) co_return show.error();
        v1::SetShowStateRequest live;
        live.set_state(v1::SHOW_STATE_LIVE);
        const auto started = co_await api_.ensure(path + "/state", to_json(live));
        if (!started) co_return started.error();
        v1::ClientMessage join;
        join.mutable_join()->set_room_id(std::string(evening_room));
        const auto joined = co_await ask(std::move(join));
        if (!joined) co_return joined.error();
        for (const auto& offer : show->offers()) {
            if (offer.kind() == v1::OFFER_KIND_FLASH || offer.state() == v1::OFFER_STATE_OPEN) continue;
            const auto opened = co_await open_offer(offer.id(), std::chrono::seconds(0));
            if (!opened) co_return opened.error();
        }
        co_return Result<>();
    }

    /// `duration` 0: until the show ends. An offer that is open already stays so.
    net::Task<Result<>> open_offer(std::string offer, std::chrono::milliseconds duration) {
        v1::ClientMessage message;
        message.mutable_open_offer()->set_show_id(std::string(evening_show));
        message.mutable_open_offer()->set_offer_id(std::move(offer));
        message.mutable_open_offer()->set_duration_ms(duration.count());
        const auto opened = co_await ask(std::move(message));
        if (!opened && opened.error() != Errc::conflict) co_return opened.error();
        co_return Result<>();
    }

    net::Task<Result<>> pin(std::string offer) {
        v1::ClientMessage message;
        message.mutable_pin()->set_room_id(std::string(evening_room));
        message.mutable_pin()->set_offer_id(std::move(offer));
        return ask(std::move(message));
    }

    net::Task<Result<>> present(City city) {
        replace_file(folder_.file("city.txt"), city.name);
        replace_file(folder_.file("host.txt"), city.host_name + "  " + city.host_title);
        v1::ClientMessage segment;
        segment.mutable_start_segment()->set_room_id(std::string(evening_room));
        segment.mutable_start_segment()->set_segment_id(city.segment_id());
        const auto started = co_await ask(std::move(segment));
        if (!started) co_return started.error();
        co_return co_await show_offer(city.offer_id());
    }

    net::Task<Result<>> present_specials() {
        const auto opened = co_await open_offer(std::string(evening_flash_offer), flash_sale);
        if (!opened) co_return opened.error();
        const auto flash = co_await show_offer(std::string(evening_flash_offer));
        if (!flash) co_return flash.error();
        co_return co_await show_offer(std::string(evening_bundle_offer));
    }

    /// Pinned for most of a segment's time, with a pause before the next.
    net::Task<Result<>> show_offer(std::string offer) {
        const auto pinned = co_await pin(std::move(offer));
        if (!pinned) co_return pinned.error();
        co_await net::sleep_for(segment_ * 4 / 5);
        const auto unpinned = co_await pin("");
        if (!unpinned) co_return unpinned.error();
        co_await net::sleep_for(segment_ / 5);
        co_return Result<>();
    }

    Api api_;
    std::shared_ptr<Socket> socket_;
    DemoFolder folder_;
    std::chrono::seconds segment_;
};

net::Task<Result<>> direct_once(std::string url, DemoFolder folder, std::chrono::seconds segment) {
    auto api = co_await sign_in_demo(url, folder);
    if (!api) co_return api.error();
    auto socket = co_await Socket::connect(url, api->token(), {});
    if (!socket) co_return socket.error();
    Director director(std::move(*api), *socket, std::move(folder), segment);
    co_return co_await director.run();
}

}  // namespace

net::Task<Result<>> direct(std::string url, DemoFolder folder, std::chrono::seconds segment) {
    for (;;) {
        const auto ended = co_await direct_once(url, folder, segment);
        if (ended.error() == Errc::unauthenticated || ended.error() == Errc::forbidden) co_return ended;
        log::warn("director_comes_back", {{"error", ended.error().message()}});
        co_await net::sleep_for(std::chrono::seconds(2));
    }
}

}  // namespace livefair::bench
