#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "commerce/till.hpp"

namespace livefair::commerce {

/// Offers of which nothing is left, so that fresh orders for them are answered without Redis and without the ledger. One per program, shared by
/// its shards; thread-safe.
///
/// Such an answer must never contradict an accepted order. So an offer is in the book only together with all ids that the ledger has of it, read
/// after the till's "sold out" and after the commit of the offer's newest order then (its version); and an id is answered from the book only when it
/// is not among them, is not under way, and was not left without an answer lately. An order that this program sees accepted later takes the offer
/// out of the book. What another program accepts it does not see: beside others the book answers nothing, and the till decides.
class SoldOutBook {
public:
    /// `is_alone`: no other program sells from this ledger.
    explicit SoldOutBook(const Clock& clock, bool is_alone = true);
    ~SoldOutBook();

    /// Whether the answer is "sold out". Who heard it from the book hears it again for the same purchase, some minutes long, whatever has come back on
    /// sale (the newest 500,000 purchases at least); the till remembers its own refusals. Once a second it is false for one purchase, which looks at
    /// the till again: a lost word of new stock costs no more than that. O(log ids).
    bool is_sold_out(const Purchase& purchase);

    /// Before a purchase is given to the till ...
    void begin(const Purchase& purchase);
    /// What the book lacks: the ids of an offer.
    struct Wanted {
        ShowId show;
        OfferId offer;
        std::string version;       ///< Stream id that the ledger must have before the ids are read; may be empty.
        std::uint64_t edition = 0;
    };
    /// ... and once it is decided, or not. What is returned the caller reads, and calls learn() or give_up().
    std::optional<Wanted> end(const Purchase& purchase, const Result<Decision>& decision);
    /// Enters the offer, unless it came back on sale meanwhile.
    void learn(const Wanted& wanted, const std::vector<std::string>& ids);
    void give_up(const Wanted& wanted);

    /// What is left of an offer by a commit of the ledger; more than nothing takes it out of the book at once.
    void on_left(const OfferId& offer, std::int64_t left);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
