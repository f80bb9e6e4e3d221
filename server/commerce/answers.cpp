#include "commerce/answers.hpp"

#include <livefair/v1/order.pb.h>

#include "base/check.hpp"

namespace livefair::commerce {

namespace {

/// A full queue is worked off in less.
constexpr std::int64_t busy_retry_ms = 1000;

struct Words {
    v1::RejectReason reason;
    const char* zh;
    const char* en;
};

Words words_of(Refusal refusal) {
    switch (refusal) {
        case Refusal::sold_out:
            return {v1::REJECT_REASON_SOLD_OUT, "已抢光,可以稍后再看有没有退回的库存。",
                    "Sold out. Look again later: unpaid stock comes back."};
        case Refusal::not_open:
            return {v1::REJECT_REASON_NOT_OPEN, "还没有开始,请等主播开抢。",
                    "Not on sale yet. Wait for the host to open it."};
        case Refusal::closed:
            return {v1::REJECT_REASON_CLOSED, "活动已结束,请看看其他商品。",
                    "This sale has ended. See the other products."};
        case Refusal::limit:
            return {v1::REJECT_REASON_LIMIT, "超过每人限购数量,请减少件数。",
                    "Over the limit for one buyer. Choose fewer."};
        case Refusal::no_offer:
            return {v1::REJECT_REASON_NO_OFFER, "没有这个商品链接,请刷新页面。",
                    "There is no such offer. Reload the page."};
        case Refusal::bad_quantity:
            return {v1::REJECT_REASON_BAD_QUANTITY, "件数应为 1 到 99,请修改。",
                    "The quantity must be 1 to 99. Change it."};
        case Refusal::conflict:
            return {v1::REJECT_REASON_CONFLICT, "这个订单号已用于另一笔订单,请重新下单。",
                    "This order id belongs to another order. Order anew."};
        case Refusal::practice:
            return {v1::REJECT_REASON_PRACTICE, "这是彩排,不出售商品,请等正式直播。",
                    "This is a rehearsal and sells nothing. Wait for the show."};
        case Refusal::refused:
            return {v1::REJECT_REASON_REFUSED, "库存核对不足,订单未成立,没有扣款,请重新下单。",
                    "The stock did not suffice; there is no order and nothing to pay. Order anew."};
        case Refusal::fund_empty:
            return {v1::REJECT_REASON_FUND_EMPTY, "补贴已用完,请等主播调整价格或选择其他商品。",
                    "The subsidy is used up. Wait for the host to change the price, or choose another product."};
        case Refusal::wrong_day:
            return {v1::REJECT_REASON_WRONG_DAY, "今天不是下单日,请按商品说明的日子下单。",
                    "It is not sold today. Order on the days that the page names."};
        case Refusal::gift_gone:
            return {v1::REJECT_REASON_GIFT_GONE, "赠品已送完,这个活动暂停,请选择其他商品。",
                    "The gifts have run out, and this is not sold without one. Choose another product."};
        case Refusal::staff_only:
            return {v1::REJECT_REASON_NO_OFFER, "这个场次由工作人员登记订单,不在网上出售,请联系工作人员。",
                    "Staff enter the orders of this show; it sells nothing online. Ask them."};
        case Refusal::none:
            break;
    }
    LF_CHECK(false && "a rejection has a reason");
    return {};
}

v1::OrderAnswer make_answer(const OrderId& order, v1::Outcome outcome, const char* zh, const char* en) {
    v1::OrderAnswer answer;
    answer.set_order_id(order.str());
    answer.set_outcome(outcome);
    answer.set_message_zh(zh);
    answer.set_message_en(en);
    answer.set_left(-1);
    return answer;
}

}  // namespace

v1::OrderAnswer accepted_answer(const OrderId& order, std::int64_t amount_fen, std::int64_t hold_until_ms,
                                std::int64_t left, bool without_gift) {
    auto answer = make_answer(order, v1::OUTCOME_ACCEPTED,
                              without_gift ? "已抢到,赠品已送完,本单不含赠品,请在倒计时结束前付款或取消。" : "已抢到,请在倒计时结束前付款。",
                              without_gift ? "It is yours, without the gift: they have run out. Pay before the time runs out, or cancel."
                                           : "It is yours. Pay before the time runs out.");
    answer.set_without_gift(without_gift);
    answer.set_amount_fen(amount_fen);
    answer.set_hold_until_ms(hold_until_ms);
    answer.set_left(left);
    return answer;
}

v1::OrderAnswer unknown_answer(const OrderId& order) {
    return make_answer(order, v1::OUTCOME_UNKNOWN, "还没有确认结果,正在用同一订单号再查询。",
                       "Not settled yet. Ask again with the same order id.");
}

v1::OrderAnswer busy_answer(const OrderId& order) {
    auto answer = make_answer(order, v1::OUTCOME_UNKNOWN, "现在下单的人太多,没有排上,请稍后用同一订单号再试。",
                              "Too many are buying at this moment. Ask again in a second, with the same order id.");
    answer.set_retry_after_ms(busy_retry_ms);
    return answer;
}

v1::OrderAnswer rejected_answer(const OrderId& order, Refusal refusal, std::int64_t left) {
    const auto words = words_of(refusal);
    auto answer = make_answer(order, v1::OUTCOME_REJECTED, words.zh, words.en);
    answer.set_reason(words.reason);
    if (refusal == Refusal::sold_out) answer.set_left(left);
    return answer;
}

v1::OrderAnswer no_address_answer(const OrderId& order) {
    auto answer = make_answer(order, v1::OUTCOME_REJECTED, "请先选择收货地址。", "Choose a delivery address first.");
    answer.set_reason(v1::REJECT_REASON_NO_ADDRESS);
    return answer;
}

v1::OrderAnswer minor_answer(const OrderId& order) {
    auto answer = make_answer(order, v1::OUTCOME_REJECTED, "酒类商品只售给成年人,请先确认已满 18 岁。",
                              "This is sold to grown-ups alone. Say first that you are 18 or older.");
    answer.set_reason(v1::REJECT_REASON_AGE);
    return answer;
}

v1::OrderAnswer bad_id_answer() {
    return make_answer(OrderId(), v1::OUTCOME_REJECTED, "订单号应为 16 到 64 位字母、数字、_ 或 -,请重新下单。",
                       "An order id has 16 to 64 of letters, digits, _ and -. Order anew.");
}

}  // namespace livefair::commerce
