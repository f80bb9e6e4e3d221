#pragma once

#include "base/id.hpp"
#include "commerce/till.hpp"

namespace livefair::v1 {
class OrderAnswer;
}

namespace livefair::commerce {

/// The three answers to a purchase, with what to tell people in Chinese and English.
v1::OrderAnswer accepted_answer(const OrderId& order, std::int64_t amount_fen, std::int64_t hold_until_ms,
                                std::int64_t left, bool without_gift);
v1::OrderAnswer unknown_answer(const OrderId& order);
/// As unknown_answer(): nothing has happened, too many wait.
v1::OrderAnswer busy_answer(const OrderId& order);
/// `left`: told with sold_out: too few for this purchase may be enough for a smaller one.
v1::OrderAnswer rejected_answer(const OrderId& order, Refusal refusal, std::int64_t left = 0);
v1::OrderAnswer no_address_answer(const OrderId& order);
/// For grown-ups alone, and the buyer has not said to be one.
v1::OrderAnswer minor_answer(const OrderId& order);
/// An id that can't be an order id: it is not repeated in the answer.
v1::OrderAnswer bad_id_answer();

}  // namespace livefair::commerce
