#pragma once

#include <string>
#include <vector>

namespace livefair::commerce {

/// The keys that may sign the sandbox's webhooks, one a line: the first signs, the second is the one before it,
/// believed while the key is being changed. Read from `path`, made there (mode 0600) when missing. Start-up only:
/// throws std::runtime_error that says what to do (unreadable, readable by others, too short, too many).
std::vector<std::string> load_webhook_secrets(const std::string& path);

}  // namespace livefair::commerce
