#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string_view>

namespace livefair {

/// Every regular failure. Input, network and Redis failures are values of this enum; only start-up throws.
enum class Errc {
    invalid_input = 1,   ///< The bytes or fields from outside break a rule; the sender must change them.
    too_large,           ///< A size, depth or count limit of the config is exceeded.
    too_many_requests,   ///< A rate limit is exceeded; the same request may be repeated later.
    not_found,           ///< No such object, or none the caller may know of.
    unauthenticated,     ///< Nobody is signed in, or the session has ended.
    forbidden,           ///< Signed in, but without the role on this object.
    conflict,            ///< The object exists already or is in another state.
    timed_out,           ///< A deadline passed before the answer came.
    closed,              ///< The connection or the part is closed or closing.
    redis_unavailable,   ///< Not sent to Redis: nothing has happened.
    redis_unknown,       ///< Sent to Redis, no answer: it may or may not have happened.
    redis_error,         ///< Redis answered with an error text.
    ledger_unavailable,  ///< The ledger could not be read or written; nothing was committed.
    viewer_too_slow,     ///< A viewer's outbox holds only must-deliver events and is full.
    bad_key,             ///< A stream key that names no room.
    overloaded,          ///< The program has too much to do; the same request may be repeated after some seconds.
    unsupported,         ///< A valid request for something Livefair does not do (a codec, a protocol version).
    internal,            ///< A fault of ours; logged with details.
};

const boost::system::error_category& errc_category() noexcept;
boost::system::error_code make_error_code(Errc errc) noexcept;
/// The name as written in the enum, for logs and for error codes on the wire.
std::string_view to_string(Errc errc) noexcept;
/// The Errc behind `ec`; Errc::internal when it is of another category.
Errc to_errc(const boost::system::error_code& ec) noexcept;

template <class T = void>
using Result = boost::system::result<T>;

}  // namespace livefair

template <>
struct boost::system::is_error_code_enum<livefair::Errc> : std::true_type {};
