#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "api/problem.hpp"

/// Small rules for fields from outside. Each names the field that it refuses; nothing when all is well.
namespace livefair::api::rules {

using Found = std::optional<Problem>;

Found id(std::string_view field, const std::string& text);
Found id_or_empty(std::string_view field, const std::string& text);
/// Shown text (see is_shown_text()) that is not only spaces.
Found text(std::string_view field, const std::string& value, std::size_t chars_max);
Found text_or_empty(std::string_view field, const std::string& value, std::size_t chars_max);
/// Text that people write of themselves and that is kept with orders.
Found free_text(std::string_view field, const std::string& value, std::size_t chars_max);
Found between(std::string_view field, std::int64_t value, std::int64_t least, std::int64_t most);
/// Six digits. Whether the code holds is the ledger's to say.
Found region(std::string_view field, const std::string& code);
Found phone(std::string_view field, const std::string& number);
/// A path on this site, so that a picture can't be a tracker or a script of somebody else's. Empty is well.
Found picture(std::string_view field, const std::string& url);

/// The first refusal.
Found first_of(std::initializer_list<Found> rules);

}  // namespace livefair::api::rules
