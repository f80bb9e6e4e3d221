#pragma once

#include "base/errc.hpp"
#include "base/sentences.hpp"
#include "net/http.hpp"

/// Answers that every part of the origin gives in the same form.
namespace livefair::origin {

/// A refusal in JSON with both sentences of `errc`; kept by no cache.
net::HttpResponse problem(int status, Errc errc);
/// The same with sentences that say more.
net::HttpResponse problem(int status, Errc errc, Sentences sentences);

}  // namespace livefair::origin
