#pragma once

#include <string>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/config.hpp"
#include "net/http.hpp"

namespace livefair::api {

/// The built pages (web/dist), read into memory once at start-up: a request is a lookup in a map, so no path from
/// outside ever reaches the file system. Symbolic links are not followed. At most 500 files and 64 MiB. Immutable;
/// shared by all shards.
class Pages {
public:
    /// Reads `config.server.web_dir`. A missing folder is no error: every page then says that the pages are not built.
    /// Throws std::runtime_error over the limits (start-up only).
    explicit Pages(const Config& config);

    /// The page or asset at `path`: /, /watch/{room}, /host/{room}, /operator, and files by their names. 404 when there
    /// is none.
    net::HttpResponse find(const std::string& path) const;

    /// Content-Security-Policy of the pages: this site, the media origin, no frames.
    const std::string& content_security_policy() const { return content_security_policy_; }

private:
    struct File {
        SharedBytes bytes;
        std::string content_type;
        std::string cache_control;
    };
    void load(const std::string& folder);

    std::string content_security_policy_;
    std::unordered_map<std::string, File> files_;  // by path below the folder, without a leading slash
};

}  // namespace livefair::api
