#pragma once

#include <string>
#include <vector>

namespace livefair::test {

/// Three machines in one: network namespaces with an address each on a common network that any of them can be cut off from, as by a pulled cable, and a
/// second line to this program that stays. Needs root; removed by the destructor.
class Namespaces {
public:
    /// Throws std::runtime_error: see why_not().
    Namespaces();
    ~Namespaces();
    Namespaces(const Namespaces&) = delete;
    Namespaces& operator=(const Namespaces&) = delete;

    /// Why this machine has none; empty when it has.
    static std::string why_not();

    static constexpr std::size_t count = 3;
    /// On the common network.
    std::string address(std::size_t machine) const;
    /// For this program.
    std::string line_address(std::size_t machine) const;
    std::string our_line_address(std::size_t machine) const;
    /// What a command begins with that runs there.
    std::vector<std::string> prefix(std::size_t machine) const;
    /// No packet passes between this machine and the others; nothing is reset.
    void cut(std::size_t machine);
    void mend(std::size_t machine);

private:
    std::string name(std::size_t machine) const;
    void remove();
    std::string base_;
    int net_;
};

}  // namespace livefair::test
