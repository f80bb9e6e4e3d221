#pragma once

#include <string>

#include "bench/api.hpp"

namespace livefair::bench {

/// The demo's files in one folder: `account` (name and password of its own staff account, one a line, mode 0600), `stream.key`
/// (mode 0600), `city.txt` and `host.txt` (what the picture shows).
struct DemoFolder {
    std::string path;
    std::string file(const std::string& name) const { return path + "/" + name; }
};

/// Replaces the file in one step, so that a reader never sees half of it. `secret`: mode 0600. Throws std::runtime_error.
void replace_file(const std::string& path, const std::string& text, bool secret = false);

/// Signs in with the folder's account. Errors: unauthenticated - there is no account file, or it no longer holds; those of Api.
net::Task<Result<Api>> sign_in_demo(std::string url, DemoFolder folder);

/// Makes the evening (organisations, hosts, products, show, segments, stock, offers), a second show for trials with OBS, and the
/// demo's staff account (host of both rooms) with the operator's password, unless an earlier run has; then a new stream key.
/// Errors: unauthenticated - neither an account file nor the right operator's password; those of Api.
net::Task<Result<>> seed(std::string url, DemoFolder folder, std::string operator_password);

}  // namespace livefair::bench
