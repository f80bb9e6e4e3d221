#include "gateway/chat_filter.hpp"

#include <chrono>
#include <fstream>

#include "base/log.hpp"
#include "gateway/contact_hints.hpp"
#include "text/fold.hpp"

namespace livefair::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds look_period{3};

/// Nothing when the file can't be read. One byte over the bound is enough to be refused by it.
Result<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return make_error_code(Errc::not_found);
    std::string text(WordList::file_bytes_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return make_error_code(Errc::not_found);
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

}  // namespace

Verdict judge(const WordList& words, std::string_view cleaned) {
    const auto folded = text::fold(cleaned);
    if (words.refuses(folded)) return Verdict::refuse;
    const auto squeezed = text::squeeze(folded);
    if (words.holds(squeezed)) return Verdict::hold_word;
    if (has_link(folded)) return Verdict::hold_link;
    return has_contact(squeezed) ? Verdict::hold_contact : Verdict::show;
}

ChatFilter::ChatFilter(const Config::Room& config) : path_(config.word_list_file), refused_(config.banned_words) {
    if (auto list = WordList::parse("", refused_)) words_ = std::make_shared<const WordList>(std::move(*list));
    else log::error("banned_words_refused", {{"why", list.error().message()}});
    if (path_.empty()) return;
    refresh();
    if (seen_ == fs::file_time_type::min()) log::info("word_list_missing", {{"file", path_}});
    thread_ = std::thread([this] { watch(); });
}

ChatFilter::~ChatFilter() {
    {
        const std::lock_guard lock(stop_mutex_);
        stopping_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const WordList> ChatFilter::words() const {
    const std::lock_guard lock(words_mutex_);
    return words_;
}

void ChatFilter::watch() {
    std::unique_lock lock(stop_mutex_);
    while (!stopped_.wait_for(lock, look_period, [this] { return stopping_; })) {
        lock.unlock();
        refresh();
        lock.lock();
    }
}

void ChatFilter::refresh() {
    const std::lock_guard one_at_a_time(refresh_mutex_);
    std::error_code error;
    const auto changed = fs::last_write_time(path_, error);
    // A file that is gone is being replaced, or was lost: what it said goes on.
    if (error || changed == seen_) return;
    seen_ = changed;
    const auto file = read_file(path_);
    auto list = file ? WordList::parse(*file, refused_) : Result<WordList>(file.error());
    if (!list) {
        log::error("word_list_refused", {{"file", path_}, {"why", list.error().message()}});
        return;
    }
    log::info("word_list_read", {{"file", path_}, {"words", static_cast<std::int64_t>(list->size())}});
    auto words = std::make_shared<const WordList>(std::move(*list));
    const std::lock_guard lock(words_mutex_);
    words_.swap(words);
}

}  // namespace livefair::gateway
