#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace livefair::sim {

/// Faults that the simulation must find; each is one that such systems have had. `none` is the product as it is.
enum class Plant {
    none,
    check_then_decrement,   ///< Functions stop between their checks and their writes, and others run meanwhile.
    cursor_first,           ///< The projector's cursor is committed apart from its rows.
    epoch_unchecked,        ///< The till does not ask for which server and epoch a call is meant.
    epoch_known_before,     ///< The till takes a call of any epoch: its position is labelled with the one known before the call.
    early_answer,           ///< A gateway says "accepted" when Redis has, not when the ledger has.
    double_release,         ///< A hold that has ended can end again.
    late_payment_unchecked, ///< A payment after the hold's end takes stock without asking whether there is any.
    payment_counted_twice,  ///< The till does not know a payment again.
    subsidy_kept,           ///< A hold that has ended does not give its subsidy back.
    limit_unchecked,        ///< The limit per buyer is not looked at.
    flash_endless,          ///< A flash price does not end.
    goods_back_twice,       ///< The till does not know a refund's goods again.
    change_told_twice,      ///< A change of stock or lease that is told again counts again.
};

struct PlantName {
    Plant plant;
    const char* name;
    const char* what;
};
const std::vector<PlantName>& plant_names();

/// The till's library with the fault in it. Aborts when the place is not found: then the text here must follow till.lua.
std::string till_library_with(Plant plant);

}  // namespace livefair::sim
