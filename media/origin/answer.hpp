#pragma once

#include "base/errc.hpp"
#include "net/http.hpp"

/// Answers that every part of the origin gives in the same form.
namespace livefair::origin {

/// A refusal in JSON with both sentences of `errc`; kept by no cache.
net::HttpResponse problem(int status, Errc errc);

}  // namespace livefair::origin
