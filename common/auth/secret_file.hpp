#pragma once

#include <string>
#include <string_view>

namespace livefair::auth {

/// A file that holds a secret. `setting` names it for people: "media.secret_file". For start-up alone: both throw
/// std::runtime_error with what to do.
///
/// Makes the file with `text` (mode 0600) and its folder when there is none. It appears under its name whole or not at
/// all, and never replaces one that another program made meanwhile.
void make_secret_file(const std::string& path, std::string_view text, std::string_view setting);
/// The whole text, at most `bytes_max`. Fails when others may read the file.
std::string read_secret_file(const std::string& path, std::size_t bytes_max, std::string_view setting);

}  // namespace livefair::auth
