#include "api/pages.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "auth/origins.hpp"
#include "base/id.hpp"

namespace livefair::api {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_max = 500, bytes_max = 64 * 1024 * 1024;

std::string content_type_of(const std::string& extension) {
    static const std::map<std::string, std::string> types = {{".html", "text/html; charset=utf-8"},
                                                             {".js", "text/javascript; charset=utf-8"},
                                                             {".css", "text/css; charset=utf-8"},
                                                             {".svg", "image/svg+xml"},
                                                             {".png", "image/png"},
                                                             {".jpg", "image/jpeg"},
                                                             {".webp", "image/webp"},
                                                             {".ico", "image/x-icon"},
                                                             {".woff2", "font/woff2"},
                                                             {".json", "application/json"},
                                                             {".map", "application/json"},
                                                             {".txt", "text/plain; charset=utf-8"},
                                                             {".wasm", "application/wasm"},
                                                             {".webmanifest", "application/manifest+json"}};
    const auto found = types.find(extension);
    return found == types.end() ? "application/octet-stream" : found->second;
}

/// http to ws, https to wss.
std::string websocket_origin(const std::string& site_url) {
    const auto origin = auth::origin_of(site_url);
    return origin.starts_with("http") ? "ws" + origin.substr(4) : origin;
}

std::string make_policy(const Config& config) {
    const auto media = auth::origin_of(config.site.media_url);
    return "default-src 'self'; connect-src 'self' " + websocket_origin(config.site.url) + " " + media +
           "; media-src 'self' blob: " + media + "; img-src 'self' data: blob: " + media +
           "; style-src 'self'; style-src-attr 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; base-uri "
           "'none'; form-action 'self'; "
           "frame-ancestors 'none'";
}

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    if (!file) throw std::runtime_error("can't read the page " + path.string());
    return bytes.str();
}

/// /watch/{room} and /host/{room} are one page each; the page reads the room from its address.
std::string file_of(const std::string& path) {
    if (path == "/") return "index.html";
    if (path == "/operator") return "operator.html";
    for (const std::string page : {"watch", "host"}) {
        const auto prefix = "/" + page + "/";
        if (path.starts_with(prefix) && is_id_text(path.substr(prefix.size()))) return page + ".html";
    }
    return path.substr(1);
}

}  // namespace

Pages::Pages(const Config& config) : content_security_policy_(make_policy(config)) {
    if (fs::is_directory(config.server.web_dir)) load(config.server.web_dir);
}

void Pages::load(const std::string& folder) {
    std::size_t bytes = 0;
    // The iterator does not enter linked folders; linked files are left out below.
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_symlink() || !entry.is_regular_file()) continue;
        const auto name = fs::relative(entry.path(), folder).generic_string();
        auto text = read_file(entry.path());
        bytes += text.size();
        if (files_.size() >= files_max || bytes > bytes_max)
            throw std::runtime_error("server.web_dir = \"" + folder +
                                     "\" holds more than 500 files or 64 MiB; is it the folder of the built pages?");
        // The build puts a hash of the content into the names below assets/.
        const bool is_hashed = name.starts_with("assets/");
        files_[name] = {share_bytes(std::move(text)), content_type_of(entry.path().extension().string()),
                        is_hashed ? "public, max-age=31536000, immutable" : "no-cache"};
    }
}

net::HttpResponse Pages::find(const std::string& path) const {
    const auto found = files_.find(file_of(path));
    auto response = net::HttpResponse::text(200, "");
    if (found != files_.end()) {
        response.content_type = found->second.content_type;
        response.body = {found->second.bytes};
        response.headers.emplace_back("Cache-Control", found->second.cache_control);
    } else if (files_.empty()) {
        response = net::HttpResponse::text(
            503, "页面尚未构建，请运行 ./scripts/run。\nThe pages are not built; run ./scripts/run.\n",
            "text/plain; charset=utf-8");
    } else {
        response =
            net::HttpResponse::text(404, "没有这个页面。\nThere is no such page.\n", "text/plain; charset=utf-8");
    }
    response.headers.emplace_back("Content-Security-Policy", content_security_policy_);
    return response;
}

}  // namespace livefair::api
