#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

namespace livefair::test {

/// A power cut, as far as files go: programs that were started with environment() and killed with kill -9 find their files as of the last fsync.
class PowerLoss {
public:
    /// `files`: ends of the names of the files that lose what was not synced (".incr.aof", "ledger.sqlite3-wal").
    explicit PowerLoss(std::vector<std::string> files);

    std::map<std::string, std::string> environment() const;
    /// The same, and from arm() on syncs of files that end in `file` do nothing: what a program that does not sync would lose.
    std::map<std::string, std::string> without_sync(const std::string& file) const;
    /// The same, and the program is killed before or after its `count`-th sync of a file that ends in `file`, from arm() on.
    std::map<std::string, std::string> with_crash(const std::string& file, bool before, std::int64_t count) const;
    void arm();
    void disarm();

    struct Loss {
        std::string file;
        std::uint64_t bytes_cut = 0;       ///< Off its end.
        std::uint64_t writes_undone = 0;   ///< Within.
    };
    /// Puts every file back; all who wrote them must have been killed. With a `seed` other than 0 some of what was not synced survives, at random, as it
    /// does on a real disk; with 0 nothing. Returns the files that lost something.
    std::vector<Loss> strike(std::uint64_t seed);

private:
    TemporaryFolder folder_;
    std::vector<std::string> files_;
};

}  // namespace livefair::test
