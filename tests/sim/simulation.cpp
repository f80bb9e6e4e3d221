#include "sim/simulation.hpp"

#include <livefair/v1/catalog.pb.h>

#include "base/check.hpp"
#include "base/clock.hpp"
#include "commerce/till_rows.hpp"
#include "ledger/catalog.hpp"

namespace livefair::sim {

namespace {

Simulation* the_simulation = nullptr;
/// Healing longer than this is a fault: something hangs.
constexpr std::int64_t heal_us_max = 120'000'000;
constexpr std::int64_t heal_steps_max = 200'000;
/// Between two looks whether all is at rest.
constexpr std::int64_t look_period_us = 50'000;
constexpr std::int64_t misfortunes = 17;

}  // namespace

Simulation::Simulation(const RunOptions& options, LuaLibrary& library, ledger::Database& database, Coverage& coverage)
    : options_(options),
      coverage_(coverage),
      world_(options.seed, options.is_traced),
      redis_(world_, library),
      stale_primary_(world_, library, redis_, coverage),
      ledger_(world_, database),
      product_ledger_(std::string()),
      checks_(world_, redis_, ledger_, coverage),
      crowd_(*this),
      staff_(*this),
      after_sales_(*this),
      provider_(world_, [this](const std::string& payment) { return crowd_.paid_fen(payment); }) {
    the_simulation = this;
    empty_database(database);
    redis_.on_change = [this](const Command& command, const Reply& reply) { checks_.after_command(command, reply); };
    redis_.stops_before_writes = options.plant == Plant::check_then_decrement;
    ledger_.on_commit = [this] { checks_.after_commit(); };
    ledger_.commits_cursor_first = options.plant == Plant::cursor_first;
}

Simulation::~Simulation() {
    redis_.on_change = {};
    for (auto& gateway : gateways_) gateway.kill();
    ledger_program_.kill();
    the_simulation = nullptr;
}

Simulation& Simulation::current() {
    LF_CHECK(the_simulation != nullptr);
    return *the_simulation;
}

GatewayParts* Simulation::any_gateway() {
    return world_.random.pick(gateways_).parts;
}

void Simulation::on_reply(Process& process, const redis::Reply& reply) {
    if (options_.plant != Plant::early_answer || reply.items.size() < 2 || reply.items[0].text != "DECIDED") return;
    const auto* till = redis_.data.find("{sshow1}:till");
    for (auto& gateway : gateways_) {
        if (gateway.process.get() != &process || till == nullptr || reply.items[1].text.empty()) continue;
        gateway.parts->watch.on_committed(the_show, reply.items[1].text + "@" + till->hash.at("epoch"));
    }
}

std::string Simulation::run() {
    has_falsifier_ = world_.random.one_in(6) && options_.plant == Plant::none;
    crowd_.set_up();
    staff_.begin();
    after_sales_.begin();
    checks_.begin(after_sales_.is_open());
    revive_all();
    crowd_.start();
    // Some evenings are calm.
    misfortune_every_ms_ = world_.random.one_in(8) ? 100'000'000 : world_.random.between(30, has_falsifier_ ? 300 : 1500);
    if (world_.random.one_in(4)) favourite_ = world_.random.below(misfortunes);
    plan_misfortune();
    while (world_.steps() < options_.steps && world_.failure().empty()) world_.step();
    heal();
    return world_.failure();
}

void Simulation::revive_all() {
    if (!sold_out_) sold_out_ = std::make_unique<commerce::SoldOutBook>(system_clock());
    for (std::size_t i = 0; i < gateway_count; ++i) {
        if (!gateways_[i].is_up()) gateways_[i].start(world_, "gateway" + std::to_string(i), product_ledger_, *sold_out_);
    }
    if (ledger_program_.is_up()) return;
    ledger_program_.start(world_, "ledger", product_ledger_, provider_);
    if (after_sales_.is_open()) ledger_program_.parts->start_refunds();
    ledger_program_.parts->projector.on_commit([this](const ledger::CommitSummary& summary) {
        for (const auto& each : summary.left) {
            if (sold_out_) sold_out_->on_left(each.offer, each.left);
        }
    });
}

void Simulation::plan_misfortune() {
    world_.after_us(world_.random.between(1000, misfortune_every_ms_ * 2000), [this] {
        if (is_healing_) return false;
        misfortune();
        plan_misfortune();
        return true;
    });
}

void Simulation::kill_gateways() {
    world_.trace("the gateways die");
    for (auto& gateway : gateways_) gateway.kill();
    sold_out_.reset();
    world_.after_us(world_.random.between(1'000, 800'000), [this] {
        revive_all();
        return true;
    });
}

void Simulation::kill_ledger_program() {
    if (!ledger_program_.is_up()) return;
    world_.trace("the ledger's program dies");
    ledger_program_.kill();
    world_.after_us(world_.random.between(1'000, 800'000), [this] {
        revive_all();
        return true;
    });
}

/// Somebody adds to a stock in Redis by hand.
void Simulation::falsify() {
    if (!redis_.is_up() || redis_.data.find("{sshow1}:till") == nullptr) return;
    LF_CHECK(coverage_.hit("misfortune", "stock in Redis is falsified"));
    const auto& stock = world_.random.pick(crowd_.stocks());
    world_.trace("somebody adds 5 to " + stock + " in Redis");
    checks_.expect_falsified(stock, 5);
    redis_.falsify("{sshow1}:till", "left:" + stock, 5);
}

/// Now, or at the next moment when somebody is half-way through a payment, the end of a hold, a change of stock or a refund.
void Simulation::misfortune() {
    const bool is_by_hand = has_falsifier_ && world_.random.one_in(2);
    const auto happen = [this, is_by_hand] { is_by_hand ? falsify() : strike(); };
    if (!world_.random.one_in(3)) return happen();
    const auto* moment = world_.random.one_in(2) ? "till_pay" : "till_release";
    if (after_sales_.is_open() && world_.random.one_in(2)) moment = "till_refund";
    else if (staff_.moves_allocations() && world_.random.one_in(2)) moment = "till_adjust";
    redis_.before_next(moment, [this, happen] {
        if (!is_healing_) happen();
    });
}

/// `is_cut_off`: the primary of now is, so that it does not hear of its successor yet.
void Simulation::fail_over(bool is_cut_off) {
    if (is_cut_off) stale_primary_.begin();
    redis_.fail_over(world_.random.below(world_.random.one_in(2) ? 4 : 60));
}

void Simulation::strike() {
    auto& random = world_.random;
    const auto happens = [&](const char* what) { LF_CHECK(coverage_.hit("misfortune", what)); };
    const bool is_favourite = favourite_ >= 0 && random.one_in(2);
    switch (is_favourite ? favourite_ : random.below(misfortunes)) {
        case 0:
        case 1:
            happens("gateways die");
            return kill_gateways();
        case 2:
        case 3:
            happens("ledger process dies");
            return kill_ledger_program();
        case 4:
        case 5:
            happens("Redis crashes");
            return redis_.crash();
        case 6:
        case 7:
            happens("Redis fails over");
            return fail_over(random.one_in(2));
        case 8:
            if (!is_favourite && !random.one_in(3)) return;
            happens("Redis loses its volume");
            return redis_.lose_volume();
        case 9:
            if (!is_favourite && !random.one_in(3)) return;
            happens("FLUSHALL");
            return redis_.flush_all();
        case 10:
        case 11:
            happens("a connection is cut");
            return redis_.cut_one_link();
        case 12:
            happens("a process is cut off");
            return redis_.cut_off(random.one_in(3) ? "ledger" : "gateway" + std::to_string(random.below(gateway_count)),
                                  random.between(10'000, 3'000'000));
        case 13:
            happens("the network is slow");
            return redis_.slow_down(random.between(10'000, 2'000'000));
        case 14:
            happens("Redis' clock jumps");
            return redis_.shift_clock(random.between(-3'000'000, 1'000'000));
        case 15:
            if (random.one_in(2)) {
                happens("the ledger is out of order");
                return ledger_.go_down(random.between(10'000, 1'500'000));
            }
            happens("a commit's answer is lost");
            return ledger_.lose_next_answer();
        case 16:
            happens("Redis fails over");
            return fail_over(true);
        default:
            return;
    }
}

std::string Simulation::why_restless() {
    if (!is_put_right_) return "what was falsified to be put right";
    if (stale_primary_.is_there()) return "the stale primary to be demoted";
    if (const auto waits = crowd_.waits_for(); !waits.empty()) return waits;
    if (const auto waits = staff_.waits_for(); !waits.empty()) return waits;
    const auto* till = redis_.data.find("{sshow1}:till");
    const auto rows = ledger_.database().query("SELECT epoch, run_id, stream_id FROM tills");
    LF_CHECK(rows.has_value() && rows->size() == 1);
    const auto& row = rows->front();
    if (till == nullptr || till->hash.at("state") != "open" || row.text(1) != redis_.run_id() ||
        till->hash.at("epoch") != std::to_string(row.integer(0)))
        return "the till to open";
    const auto* stream = redis_.data.find("{sshow1}:orders");
    if (stream != nullptr && ledger::StreamId::parse(row.text(2)) < stream->last_id) return "the projector";
    const auto* holds = redis_.data.find("{sshow1}:holds");
    const auto now_ms = static_cast<double>(redis_.now_us() / 1000);
    if (holds != nullptr && !holds->ranking.empty() && holds->ranking.begin()->first <= now_ms) return "the sweeper";
    const auto changes = ledger_.database().query("SELECT id FROM allocation_changes WHERE state < 3");
    LF_CHECK(changes.has_value());
    if (!changes->empty()) return "the till to hear of " + changes->front().text(0);
    if (const auto waits = after_sales_.waits_for(); !waits.empty()) return waits;
    const auto offers = ledger_.database().query("SELECT id, version FROM offers");
    LF_CHECK(offers.has_value());
    for (const auto& offer : *offers) {
        const auto* known = redis_.data.find("{sshow1}:offer:" + offer.text(0));
        if (known == nullptr || known->hash.at("version") != std::to_string(offer.integer(1))) return "the till to hear of " + offer.text(0);
    }
    return {};
}

/// The till sells by what the ledger says of each offer.
void Simulation::check_offers() {
    for (const auto& id : crowd_.offers()) {
        const auto offer = ledger::find_offer(ledger_.database(), OfferId(id));
        LF_CHECK(offer.has_value());
        const auto fields = commerce::offer_fields(*offer);
        const auto* known = redis_.data.find("{sshow1}:offer:" + id);
        for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
            if (!known->hash.contains(fields[i]) || known->hash.at(fields[i]) != fields[i + 1])
                world_.fail("the till has another " + fields[i] + " of " + id + " than the ledger");
        }
    }
}

/// Everything works again, and nothing new begins: all must come to rest.
void Simulation::heal() {
    if (!world_.failure().empty()) return;
    world_.trace("all is repaired");
    is_healing_ = true;
    crowd_.rest();
    provider_.repair();
    revive_all();
    is_put_right_ = !checks_.is_falsified();
    if (!is_put_right_) net::spawn(ledger_program_.process->executor(), rebuild(), "rebuild");
    const auto end_us = world_.now_us() + heal_us_max;
    const auto end_steps = world_.steps() + heal_steps_max;
    // Rest has to last: what is under way may still come in.
    std::int64_t quiet_since_us = world_.now_us(), look_us = 0;
    while (world_.failure().empty() && world_.now_us() - quiet_since_us < 2'500'000) {
        world_.step();
        if (world_.now_us() > end_us || world_.steps() > end_steps)
            return world_.fail("it does not come to rest: it waits for " + why_restless());
        if (world_.now_us() < look_us) continue;
        look_us = world_.now_us() + look_period_us;
        if (!why_restless().empty()) quiet_since_us = world_.now_us();
    }
    if (!world_.failure().empty()) return;
    checks_.audit_ledger();
    check_offers();
    crowd_.check_answers();
    staff_.check_answers();
    after_sales_.check_answers();
    if (after_sales_.is_open()) provider_.check(ledger_.database());
    reconcile();
}

/// What was falsified in Redis is put right by a person.
net::Task<> Simulation::rebuild() {
    for (;;) {
        const auto rebuilt = co_await ledger_program_.parts->keeper.rebuild(the_show);
        if (rebuilt) break;
        co_await net::sleep_for(std::chrono::milliseconds(100));
    }
    is_put_right_ = true;
}

void Simulation::reconcile() {
    std::string found = "no answer";
    auto compare = [](GatewayParts& parts, ledger::Ledger& ledger, std::string& out) -> net::Task<> {
        // A gateway that has only just started has no connection yet.
        auto differences = co_await commerce::reconcile(the_show, parts.till, ledger);
        for (int i = 0; !differences && i < 20; ++i) {
            out = "no answer: " + differences.error().message();
            co_await net::sleep_for(std::chrono::milliseconds(100));
            differences = co_await commerce::reconcile(the_show, parts.till, ledger);
        }
        if (!differences) co_return;
        out.clear();
        for (const auto& each : *differences) out += each.what + ": expected " + each.expected + ", found " + each.found + "; ";
    };
    auto& parts = *gateways_[0].parts;
    net::spawn(parts.process.executor(), compare(parts, product_ledger_, found), "reconcile");
    for (int i = 0; i < 10'000 && found.starts_with("no answer"); ++i) world_.step();
    if (!found.empty()) world_.fail("till and ledger differ at rest: " + found);
}

}  // namespace livefair::sim
