#pragma once

#include <optional>
#include <string>

#include "base/errc.hpp"
#include "net/http.hpp"

namespace livefair::api {

/// Why a request is refused, with sentences for people. Becomes ErrorBody.
struct Problem {
    Errc code = Errc::internal;
    std::string message_zh;
    std::string message_en;
    std::string field = {};  ///< Which field of the request is meant; empty: none.
};

/// The problem that an Errc is, with its general sentences.
Problem problem_of(Errc code);
/// invalid_input that names the field: "price_fen" and what holds for it.
Problem bad_field(std::string_view field, std::string_view rule_zh, std::string_view rule_en);

/// HTTP status of an Errc, as docs/protocol.md section 2 lists them.
int status_of(Errc code);

net::HttpResponse refuse(const Problem& problem);
net::HttpResponse refuse(Errc code);
/// For errors of parts below; one that is not an Errc is internal.
net::HttpResponse refuse(const boost::system::error_code& error);

}  // namespace livefair::api
