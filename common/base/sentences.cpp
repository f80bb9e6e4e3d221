#include "base/sentences.hpp"

namespace livefair {

Sentences sentences_of(Errc errc) {
    switch (errc) {
        case Errc::invalid_input:
            return {"内容不符合要求，请改正后再试。",
                    "Something in the request is not allowed; correct it and try again."};
        case Errc::too_large:
            return {"内容超过上限，请减少后再试。", "This is over a limit; make it smaller and try again."};
        case Errc::too_many_requests:
            return {"操作太频繁，请稍等片刻再试。", "Too many requests; wait a moment and try again."};
        case Errc::not_found:
            return {"没有找到，请检查链接或刷新页面。", "Not found; check the link or reload the page."};
        case Errc::unauthenticated:
            return {"请先登录。", "Sign in first."};
        case Errc::forbidden:
            return {"没有权限，请联系管理员。", "You may not do this; ask an operator."};
        case Errc::conflict:
            return {"已存在或状态已改变，请刷新后再试。", "It exists already or has changed; reload and try again."};
        case Errc::timed_out:
            return {"等待超时，请再试一次。", "This took too long; try again."};
        case Errc::closed:
            return {"连接已关闭，请重新连接。", "The connection is closed; connect again."};
        case Errc::redis_unavailable:
        case Errc::redis_error:
            return {"服务暂时不可用，什么都没有发生，请稍后再试。",
                    "Not available right now; nothing has happened, try again soon."};
        case Errc::redis_unknown:
            return {"结果未知，请用同样的内容再试一次。", "The outcome is not known; send the same request again."};
        case Errc::ledger_unavailable:
            return {"账本暂时不可用，什么都没有保存，请稍后再试。",
                    "The ledger is not available; nothing was saved, try again soon."};
        case Errc::viewer_too_slow:
            return {"网络太慢，请重新连接。", "The connection is too slow; connect again."};
        case Errc::bad_key:
            return {"推流码无效，请在中控台获取新的推流码。",
                    "The stream key is not valid; get a new one from the host's page."};
        case Errc::overloaded:
            return {"现在人太多，请过几秒再试；已在直播间的观众下单不受影响。",
                    "Too many people right now; try again in some seconds. Whoever is in a room can still buy."};
        case Errc::unsupported:
            return {"不支持此操作。", "This is not supported."};
        case Errc::internal:
            return {"服务出错，请稍后再试。", "A fault of ours; try again soon."};
    }
    return {"服务出错，请稍后再试。", "A fault of ours; try again soon."};
}

}  // namespace livefair
