#include "bench/seed.hpp"

#include <fcntl.h>
#include <livefair/v1/account.pb.h>
#include <livefair/v1/catalog.pb.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "bench/evening.hpp"
#include "bench/plan.hpp"

namespace livefair::bench {

namespace {

constexpr const char* province_organisation = "womens-federation-430000";
constexpr std::int64_t hold_ms = 120'000;

void add_organisation(Plan& plan, std::string id, std::string name, std::string region, std::string parent) {
    v1::Organisation organisation;
    organisation.set_id(std::move(id));
    organisation.set_name(std::move(name));
    organisation.set_kind("womens_federation");
    organisation.set_region_code(std::move(region));
    organisation.set_parent_id(std::move(parent));
    plan.add("/api/v1/organisations", organisation);
}

void add_show(Plan& plan, std::string_view id, std::string_view room, std::string title) {
    v1::Show show;
    show.set_id(std::string(id));
    show.set_room_id(std::string(room));
    show.set_title(std::move(title));
    show.set_starts_ms(system_clock().unix_ms());
    show.set_organisation_id(province_organisation);
    plan.add("/api/v1/shows", show);
}

void add_stock(Plan& plan, std::string_view show, std::string id, std::string product, std::int64_t total) {
    v1::Stock stock;
    stock.set_id(std::move(id));
    stock.set_show_id(std::string(show));
    stock.set_product_id(std::move(product));
    stock.set_total(total);
    plan.add(in_show(show, "stocks"), stock);
}

v1::Offer offer_of(std::string_view show, std::string_view id, int number, std::string title, v1::OfferKind kind, std::int64_t price_fen) {
    v1::Offer offer;
    offer.set_id(std::string(id));
    offer.set_show_id(std::string(show));
    offer.set_number(number);
    offer.set_title(std::move(title));
    offer.set_kind(kind);
    offer.set_price_fen(price_fen);
    offer.set_limit_per_buyer(10);
    offer.set_hold_ms(hold_ms);
    return offer;
}

void add_line(v1::Offer& offer, std::string stock, std::int64_t quantity) {
    auto& line = *offer.add_lines();
    line.set_stock_id(std::move(stock));
    line.set_quantity(quantity);
}

void add_offer(Plan& plan, const v1::Offer& offer) { plan.add(in_show(offer.show_id(), "offers"), offer); }

void add_product(Plan& plan, const City& city) {
    v1::Product product;
    product.set_id(city.product_id());
    product.set_title(city.product);
    product.set_unit(city.unit);
    product.set_net_weight_g(city.net_weight_g);
    product.set_origin_code(city.region_code);
    product.set_origin_name(city.origin_name);
    product.set_supplier_name("演示供应商·" + city.county);
    product.set_supplier_contact("0731-00000000");
    plan.add("/api/v1/products", product);
}

void add_city(Plan& plan, const City& city, int position) {
    add_organisation(plan, city.organisation_id(), city.federation, city.region_code, province_organisation);
    v1::Host host;
    host.set_id(city.host_id());
    host.set_name(city.host_name);
    host.set_title(city.host_title);
    host.set_organisation_id(city.organisation_id());
    host.set_region_code(city.region_code);
    host.set_region_name(city.name);
    plan.add("/api/v1/hosts", host);
    add_product(plan, city);
    v1::Segment segment;
    segment.set_id(city.segment_id());
    segment.set_show_id(std::string(evening_show));
    segment.set_position(position);
    segment.set_host_id(city.host_id());
    segment.set_region_code(city.region_code);
    segment.set_region_name(city.name);
    plan.add(in_show(evening_show, "segments"), segment);
    add_stock(plan, evening_show, city.stock_id(), city.product_id(), city.stock);
    auto offer = offer_of(evening_show, city.offer_id(), position, city.product + " 1 " + city.unit, v1::OFFER_KIND_NORMAL,
                          city.price_fen);
    offer.set_segment_id(city.segment_id());
    add_line(offer, city.stock_id(), 1);
    add_offer(plan, offer);
}

/// The bundle takes from the stock of two cities' counties; the flash sale has 1,000 boxes of its own.
void add_specials(Plan& plan) {
    const City& zhuzhou = evening_cities()[1];
    const City& shaoyang = evening_cities()[4];
    const City& huaihua = evening_cities()[11];
    auto bundle = offer_of(evening_show, evening_bundle_offer, 15, huaihua.product + " + " + shaoyang.product + " 组合",
                           v1::OFFER_KIND_BUNDLE, 11'999);
    bundle.set_list_price_fen(huaihua.price_fen + shaoyang.price_fen);
    bundle.set_list_price_basis("本场两件分开买的价格");
    add_line(bundle, huaihua.stock_id(), 1);
    add_line(bundle, shaoyang.stock_id(), 1);
    add_offer(plan, bundle);

    add_stock(plan, evening_show, "stock-flash", zhuzhou.product_id(), 1000);
    auto flash = offer_of(evening_show, evening_flash_offer, 16, "秒杀：" + zhuzhou.product + " 1,000 箱", v1::OFFER_KIND_FLASH, 2'990);
    flash.set_list_price_fen(zhuzhou.price_fen);
    flash.set_list_price_basis("本场 2 号链接的价格");
    flash.set_limit_per_buyer(2);
    add_line(flash, "stock-flash", 1);
    add_offer(plan, flash);
}

void add_studio(Plan& plan) {
    const City& city = evening_cities().front();
    add_show(plan, studio_show, studio_room, "试播间：用 OBS 开播（演示）");
    add_stock(plan, studio_show, "stock-studio", city.product_id(), 500);
    auto offer = offer_of(studio_show, "offer-studio", 1, city.product + " 1 " + city.unit, v1::OFFER_KIND_NORMAL, city.price_fen);
    add_line(offer, "stock-studio", 1);
    add_offer(plan, offer);
}

Plan evening_plan() {
    Plan plan;
    add_organisation(plan, province_organisation, "湖南省妇女联合会", "430000", "");
    add_show(plan, evening_show, evening_room, std::string(evening_title));
    int position = 0;
    for (const City& city : evening_cities()) add_city(plan, city, ++position);
    add_specials(plan);
    add_studio(plan);
    return plan;
}

/// Written last, so that a run that was cut short is repeated whole.
net::Task<Result<>> make_account(Api& api, DemoFolder folder) {
    v1::CreateStaffRequest request;
    request.set_name("demo-" + random_hex(3));
    request.set_password(random_hex(16));
    request.set_nickname("演示主播");
    for (const auto room : {evening_room, studio_room}) {
        auto& grant = *request.add_grants();
        grant.set_role(v1::ROLE_HOST);
        grant.set_room_id(std::string(room));
    }
    const std::string text = request.name() + "\n" + request.password() + "\n";
    const auto made = co_await api.post<v1::Account>("/api/v1/staff", std::move(request));
    if (!made) co_return made.error();
    replace_file(folder.file("account"), text, true);
    co_return Result<>();
}

net::Task<Result<>> make_all(Api& api, DemoFolder folder, std::string operator_password) {
    const auto signed_in = co_await api.sign_in_staff("operator", std::move(operator_password));
    if (!signed_in) co_return signed_in.error();
    const Plan plan = evening_plan();
    const auto carried_out = co_await plan.carry_out(api);
    if (!carried_out) co_return carried_out.error();
    co_return co_await make_account(api, std::move(folder));
}

}  // namespace

void replace_file(const std::string& path, const std::string& text, bool secret) {
    const std::string temporary = path + ".new";
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, secret ? 0600 : 0644);
    const bool written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (file >= 0) ::close(file);
    if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) throw std::runtime_error("can't write " + path);
}

net::Task<Result<Api>> sign_in_demo(std::string url, DemoFolder folder) {
    std::ifstream file(folder.file("account"));
    std::string name, password;
    if (!std::getline(file, name) || !std::getline(file, password)) co_return make_error_code(Errc::unauthenticated);
    Api api(std::move(url));
    const auto signed_in = co_await api.sign_in_staff(std::move(name), std::move(password));
    if (!signed_in) co_return signed_in.error();
    co_return api;
}

net::Task<Result<>> seed(std::string url, DemoFolder folder, std::string operator_password) {
    auto demo = co_await sign_in_demo(url, folder);
    if (!demo && demo.error() != Errc::unauthenticated) co_return demo.error();
    if (!demo) {
        Api api(url);
        const auto made = co_await make_all(api, folder, std::move(operator_password));
        if (!made) co_return made.error();
        demo = co_await sign_in_demo(url, folder);
        if (!demo) co_return demo.error();
    }
    std::string path = "/api/v1/rooms/" + std::string(evening_room) + "/stream-key";
    const auto key = co_await demo->post<v1::StreamKeyResponse>(std::move(path), v1::StreamKeyResponse());
    if (!key) co_return key.error();
    replace_file(folder.file("stream.key"), key->stream_key() + "\n", true);
    const City& first = evening_cities().front();
    replace_file(folder.file("city.txt"), first.name);
    replace_file(folder.file("host.txt"), first.host_name + "  " + first.host_title);
    co_return Result<>();
}

}  // namespace livefair::bench
