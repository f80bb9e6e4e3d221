#include "sim/plants.hpp"

#include <cstdio>
#include <cstdlib>

#include "commerce/till.hpp"

namespace livefair::sim {

namespace {

struct Edit {
    Plant plant;
    const char* from;
    const char* to;
};

/// The first place of each is changed.
const Edit edits[] = {
    {Plant::epoch_unchecked, "if till[1] ~= 'open' or till[2] ~= run_id or till[3] ~= epoch then", "if till[1] ~= 'open' then"},
    {Plant::epoch_known_before, "or till[2] ~= run_id or till[3] ~= epoch then", "or till[2] ~= run_id then"},
    {Plant::double_release, "local releasable = order[STATE] == 'reserved' or", "local releasable = order[STATE] ~= 'paid' or"},
    {Plant::late_payment_unchecked, "return has_enough(lines, left), lines, left", "return true, lines, left"},
    {Plant::payment_counted_twice, "if id == payment then return what, stream end", ""},
    {Plant::subsidy_kept, "if left[i] and not (skip and skip[line[1]]) then",
     "if left[i] and not (skip and (skip[line[1]] or string.sub(line[1], 1, 1) == '$')) then"},
    {Plant::limit_unchecked, "if held > offer.limit then", "if false then"},
    {Plant::flash_endless, "and now < tonumber(until_ms) then", "then"},
    {Plant::goods_back_twice, "if stream then return {'RESTOCKED', stream, '1'} end", ""},
    {Plant::change_told_twice, "if number <= before then return", "if number < before then return"},
};

}  // namespace

const std::vector<PlantName>& plant_names() {
    static const std::vector<PlantName> names = {
        {Plant::check_then_decrement, "check-then-decrement", "functions stop between their checks and their writes"},
        {Plant::cursor_first, "cursor-first", "the projector's cursor is committed apart from its rows"},
        {Plant::epoch_unchecked, "epoch-unchecked", "the till does not ask for which server and epoch a call is meant"},
        {Plant::epoch_known_before, "epoch-known-before", "positions are labelled with the epoch known before the call"},
        {Plant::early_answer, "early-answer", "accepted is said before the ledger's commit"},
        {Plant::double_release, "double-release", "a hold that has ended can end again"},
        {Plant::late_payment_unchecked, "late-payment-unchecked", "a late payment takes stock that is not there"},
        {Plant::payment_counted_twice, "payment-counted-twice", "the till does not know a payment again"},
        {Plant::subsidy_kept, "subsidy-kept", "the subsidy of a hold that has ended is not given back to its fund"},
        {Plant::limit_unchecked, "limit-unchecked", "the limit per buyer is not looked at"},
        {Plant::flash_endless, "flash-endless", "a flash price does not end"},
        {Plant::goods_back_twice, "goods-back-twice", "goods of a refund go on sale again for each time that the till is told"},
        {Plant::change_told_twice, "change-told-twice", "a change of stock or lease that is told again counts again"},
    };
    return names;
}

std::string till_library_with(Plant plant) {
    std::string text(commerce::till_library());
    for (const auto& edit : edits) {
        if (edit.plant != plant) continue;
        const auto at = text.find(edit.from);
        if (at == std::string::npos) {
            std::fprintf(stderr, "till.lua has no more: %s\n", edit.from);
            std::abort();
        }
        text.replace(at, std::string_view(edit.from).size(), edit.to);
    }
    return text;
}

}  // namespace livefair::sim
