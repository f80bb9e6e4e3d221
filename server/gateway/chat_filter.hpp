#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/config.hpp"
#include "gateway/word_list.hpp"

namespace livefair::gateway {

/// What may become of a chat line, as far as its words go. The numbers of the reasons to hold are those of HoldReason in room.proto.
enum class Verdict {
    show = 0,
    hold_word = 2,     ///< Has a word of the list that is marked "hold:".
    hold_link = 3,     ///< Has a web address.
    hold_contact = 4,  ///< Leads buyers to another platform.
    refuse = 5,        ///< Has a word that is not allowed.
};

Verdict judge(const WordList& words, std::string_view cleaned);

/// Judges chat lines by room.banned_words and the file room.word_list_file, which a thread of its own reads again when it changes. One for
/// the program, owned by App; thread-safe.
class ChatFilter {
public:
    /// Reads the file; a missing one is an empty list. A file with a fault is logged and the list before it stays.
    explicit ChatFilter(const Config::Room& config);
    ~ChatFilter();

    /// `cleaned`: what clean_chat_text() gave. O(length); some 20 us for a usual line and 5,000 words.
    Verdict judge(std::string_view cleaned) const { return gateway::judge(*words(), cleaned); }
    std::size_t words_count() const { return words()->size(); }
    /// Reads the file if it is another than last time. Called by the thread; by tests, too.
    void refresh();

private:
    std::shared_ptr<const WordList> words() const;
    void watch();

    const std::string path_;
    const std::vector<std::string> refused_;
    mutable std::mutex words_mutex_;  ///< Held to copy or replace the pointer alone.
    std::shared_ptr<const WordList> words_ = std::make_shared<const WordList>();
    std::mutex refresh_mutex_;  ///< One refresh at a time.
    std::filesystem::file_time_type seen_ = std::filesystem::file_time_type::min();
    std::mutex stop_mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace livefair::gateway
