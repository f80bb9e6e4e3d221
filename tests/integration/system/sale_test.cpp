// A flash sale against the whole program: exact with everything up, and through the death of the server and of Redis.
#include <livefair/v1/order.pb.h>

#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <optional>

#include "bench/sale.hpp"
#include "bench/task_group.hpp"
#include "integration/system/system.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using namespace livefair::bench;
using livefair::test::ledger_number;
using livefair::test::System;

namespace {

using Buyers = std::vector<std::unique_ptr<Buyer>>;

/// A system with a sale that is open and buyers who wait before the door.
struct Sale {
    explicit Sale(SaleOptions sale_options) : options(std::move(sale_options)), staff(system.url()) {
        options.url = system.url();
        require(test::run_task(context, staff.sign_in_staff("operator", system.operator_password())));
        require(test::run_task(context, prepare_sale(staff, options)));
        auto gathered = test::run_task(context, gather_buyers(options), std::chrono::seconds(120));
        require(gathered);
        buyers = std::move(*gathered);
        attempts = make_attempts(buyers, options);
    }

    template <class T>
    void require(const Result<T>& result) {
        INFO((result ? std::string() : result.error().message()) << "\n" << system.logs());
        REQUIRE(result.has_value());
    }

    /// The rush to its end. With `during`: that is called once, when `after` answers have come.
    void rush_through(std::size_t after = 0, std::function<void()> during = {}) {
        bool done = false;
        net::asio::co_spawn(context, rush(buyers, attempts, options.patience), [&](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
            done = true;
        });
        if (during) {
            REQUIRE(test::run_until(context, [&] { return answered() >= after; }, options.patience));
            REQUIRE(answered() < 2 * attempts.size());
            during();
        }
        REQUIRE(test::run_until(context, [&] { return done; }, options.patience + std::chrono::seconds(30)));
    }
    std::size_t answered() const {
        std::size_t count = 0;
        for (const Attempt& attempt : attempts) count += attempt.answers.size();
        return count;
    }

    v1::ShowTotals totals() {
        auto answer = test::run_task(context, staff.get<v1::ShowTotals>("/api/v1/shows/" + options.show_id() + "/totals"));
        require(answer);
        return std::move(*answer);
    }

    std::int64_t orders_where(const std::string& condition) {
        return ledger_number(system.ledger_path(), "SELECT count(*) FROM orders WHERE show_id = '" + options.show_id() + "' AND " + condition);
    }

    /// Every order that a buyer was told is accepted is in the ledger, once; the ledger has no other.
    void check_ledger(std::int64_t accepted) {
        CHECK(orders_where("state IN (1, 2)") == accepted);
        for (const Attempt& attempt : attempts) {
            if (!attempt.is_accepted()) continue;
            INFO(attempt.order.order_id());
            CHECK(orders_where("state IN (1, 2) AND id = '" + attempt.order.order_id() + "'") == 1);
        }
    }

    net::asio::io_context context{1};
    System system;
    SaleOptions options;
    Api staff;
    Buyers buyers;
    std::vector<Attempt> attempts;
};

std::int64_t sum_of(const google::protobuf::RepeatedPtrField<v1::Total>& totals, std::int64_t (v1::Total::*figure)() const) {
    std::int64_t sum = 0;
    for (const auto& total : totals) sum += (total.*figure)();
    return sum;
}

/// The parts of the money and of the units, by city and by product, are those of the show.
void check_adds_up(const v1::ShowTotals& totals) {
    for (const auto figure : {&v1::Total::reserved_fen, &v1::Total::paid_fen, &v1::Total::units_reserved, &v1::Total::units_paid}) {
        CHECK(sum_of(totals.cities(), figure) == (totals.show().*figure)());
        CHECK(sum_of(totals.products(), figure) == (totals.show().*figure)());
    }
}

net::Task<> pay_one(Buyer& buyer, std::string order, std::int64_t& paid) {
    const auto done = co_await buyer.api().pay(std::move(order));
    if (done) ++paid;
}

net::Task<std::int64_t> pay_some(Buyers& buyers, const std::vector<Attempt>& attempts, std::int64_t count) {
    std::int64_t paid = 0;
    TaskGroup group(co_await net::asio::this_coro::executor);
    for (std::size_t i = 0; i < attempts.size() && count > 0; ++i) {
        if (!attempts[i].is_accepted()) continue;
        group.add(pay_one(*buyers[i], attempts[i].order.order_id(), paid));
        --count;
    }
    co_await group.wait();
    co_return paid;
}

net::Task<> ask_once(Buyer& buyer, v1::PlaceOrder order, std::int64_t& unknown) {
    const auto answer = co_await buyer.place_once(std::move(order));
    if (answer && answer->outcome() == v1::OUTCOME_UNKNOWN) ++unknown;
}

/// How many of the buyers are told "unknown" when each asks once.
net::Task<std::int64_t> ask_all_once(Buyers& buyers, const std::vector<Attempt>& attempts) {
    std::int64_t unknown = 0;
    TaskGroup group(co_await net::asio::this_coro::executor);
    for (std::size_t i = 0; i < buyers.size(); ++i) group.add(ask_once(*buyers[i], attempts[i].order, unknown));
    co_await group.wait();
    co_return unknown;
}

const std::map<std::string, std::int64_t> exactly_the_stock = {{"accepted", 100}, {"sold_out", 400}};
constexpr std::size_t some_answers = 20;

}  // namespace

TEST_CASE("100 boxes against 500 buyers at once, each trying twice: exactly 100 are sold, and every sum agrees", "[system]") {
    Sale sale({.url = {}, .name = "rush"});
    sale.rush_through();
    INFO(sale.system.logs());
    CHECK(outcomes_of(sale.attempts) == exactly_the_stock);
    sale.check_ledger(100);
    CHECK(sale.orders_where("1 = 1") == 100);

    CHECK(test::run_task(sale.context, pay_some(sale.buyers, sale.attempts, 30), std::chrono::seconds(60)) == 30);
    const v1::ShowTotals totals = sale.totals();
    CHECK(totals.show().orders_paid() == 30);
    CHECK(totals.show().orders_reserved() == 70);
    CHECK(totals.show().paid_fen() == 30 * sale.options.price_fen);
    CHECK(totals.show().reserved_fen() == 70 * sale.options.price_fen);
    CHECK(totals.cities_size() == 2);
    check_adds_up(totals);

    const auto show = test::run_task(sale.context, sale.staff.get<v1::Show>("/api/v1/shows/" + sale.options.show_id()));
    sale.require(show);
    CHECK(show->offers(0).left() == 0);
}

TEST_CASE("the server is killed in the middle of a sale: after its restart every accepted order is in the ledger once, none beyond the stock",
          "[system]") {
    Sale sale({.url = {}, .name = "crash"});
    sale.rush_through(some_answers, [&] {
        System::kill9(sale.system.server());
        sale.system.start_server();
    });
    INFO(sale.system.logs());
    CHECK(outcomes_of(sale.attempts) == exactly_the_stock);
    sale.check_ledger(100);
    check_adds_up(sale.totals());
}

TEST_CASE("without Redis buyers are told to ask again, and after its restart the same ids get one final answer", "[system]") {
    Sale sale({.url = {}, .name = "away"});
    sale.system.redis().kill9();
    CHECK(test::run_task(sale.context, ask_all_once(sale.buyers, sale.attempts), std::chrono::seconds(60)) == 500);
    sale.system.redis().restart();
    sale.rush_through();
    INFO(sale.system.logs());
    CHECK(outcomes_of(sale.attempts) == exactly_the_stock);
    sale.check_ledger(100);
}

TEST_CASE("Redis is killed in the middle of a sale: after its restart exactly the stock is sold, and the ledger agrees", "[system]") {
    Sale sale({.url = {}, .name = "redis"});
    sale.rush_through(some_answers, [&] { sale.system.redis().restart(); });
    INFO(sale.system.logs());
    CHECK(outcomes_of(sale.attempts) == exactly_the_stock);
    sale.check_ledger(100);
    check_adds_up(sale.totals());
}

TEST_CASE("SIGTERM in the middle of a sale: the server ends by itself with status 0, and what was accepted is in the ledger", "[system]") {
    Sale sale({.url = {}, .name = "drain"});
    sale.rush_through(some_answers, [&] {
        sale.system.server().signal(SIGTERM);
        std::optional<int> status;
        // Buyers go on reading while it drains.
        REQUIRE(test::run_until(sale.context, [&] { return (status = sale.system.server().wait(std::chrono::milliseconds(0))).has_value(); },
                                std::chrono::seconds(20)));
        CHECK(status == 0);
        sale.check_ledger(sale.orders_where("state IN (1, 2)"));
        sale.system.start_server();
    });
    INFO(sale.system.logs());
    CHECK(outcomes_of(sale.attempts) == exactly_the_stock);
    sale.check_ledger(100);
}
