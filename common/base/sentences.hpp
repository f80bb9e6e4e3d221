#pragma once

#include <string_view>

#include "base/errc.hpp"

namespace livefair {

/// What a person is told about a failure: what happened and what to do, Chinese first.
struct Sentences {
    std::string_view zh;
    std::string_view en;
};

/// The general sentences of an Errc; who knows more (which field, which limit) says more.
Sentences sentences_of(Errc errc);

}  // namespace livefair
