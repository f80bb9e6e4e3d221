#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace livefair::sim {

/// The state machines of the sale with all their transitions, and how often runs took each. A transition that is not in
/// its table is a violation; one that no run ever takes is a hole in the simulation.
class Coverage {
public:
    Coverage();
    /// False: the machine has no such transition.
    bool hit(std::string_view machine, const std::string& transition);
    void add(const Coverage& other);
    std::vector<std::string> never_hit() const;
    /// One line a transition.
    std::string table() const;
    /// The counts alone, to be handed to another process and back.
    std::string save() const;
    void load(const std::string& text);

private:
    std::map<std::string, std::map<std::string, std::int64_t>, std::less<>> machines_;
};

}  // namespace livefair::sim
