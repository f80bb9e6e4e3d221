#include "support/namespaces.hpp"

#include <unistd.h>

#include <sstream>
#include <stdexcept>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::test {
namespace {

/// What `ip` says when it fails; empty when it does not.
std::string try_ip(const std::string& words) {
    const TemporaryFolder folder;
    Process::Options options;
    options.command = {"ip"};
    std::istringstream stream(words);
    for (std::string word; stream >> word;) options.command.push_back(word);
    options.output_file = folder.file("out");
    Process process(std::move(options));
    if (process.wait(std::chrono::seconds(10)) == 0) return {};
    return "ip " + words + ": " + process.output();
}

void ip(const std::string& words) {
    const auto problem = try_ip(words);
    if (!problem.empty()) throw std::runtime_error(problem);
}

}  // namespace

std::string Namespaces::why_not() {
    const auto name = "lfx" + std::to_string(::getpid());
    auto problem = try_ip("netns add " + name);
    if (problem.empty()) problem = try_ip("-n " + name + " link add lfx0 type bridge");
    (void)try_ip("netns del " + name);
    return problem;
}

Namespaces::Namespaces() : base_("lf" + std::to_string(::getpid() % 100'000)), net_(::getpid() % 250) {
    try {
        // The common network is a bridge in a namespace of its own.
        ip("netns add " + base_ + "h");
        ip("-n " + base_ + "h link add br0 type bridge");
        ip("-n " + base_ + "h link set br0 up");
        for (std::size_t i = 0; i < count; ++i) {
            const auto number = std::to_string(i);
            ip("netns add " + name(i));
            ip("-n " + name(i) + " link set lo up");
            ip("link add " + base_ + "d" + number + " netns " + name(i) + " type veth peer name p" + number + " netns " + base_ + "h");
            ip("-n " + base_ + "h link set p" + number + " master br0 up");
            ip("-n " + name(i) + " addr add " + address(i) + "/24 dev " + base_ + "d" + number);
            ip("-n " + name(i) + " link set " + base_ + "d" + number + " up");
            ip("link add " + base_ + "m" + number + " type veth peer name line netns " + name(i));
            ip("addr add " + our_line_address(i) + "/30 dev " + base_ + "m" + number);
            ip("link set " + base_ + "m" + number + " up");
            ip("-n " + name(i) + " addr add " + line_address(i) + "/30 dev line");
            ip("-n " + name(i) + " link set line up");
        }
    } catch (const std::runtime_error&) {
        remove();
        throw;
    }
}

Namespaces::~Namespaces() { remove(); }

void Namespaces::remove() {
    for (std::size_t i = 0; i < count; ++i) (void)try_ip("netns del " + name(i));
    (void)try_ip("netns del " + base_ + "h");
}

std::string Namespaces::name(std::size_t machine) const { return base_ + "n" + std::to_string(machine); }
std::string Namespaces::address(std::size_t machine) const { return "10.203." + std::to_string(net_) + "." + std::to_string(machine + 1); }
std::string Namespaces::our_line_address(std::size_t machine) const { return "10.204." + std::to_string(net_) + "." + std::to_string(4 * machine + 1); }
std::string Namespaces::line_address(std::size_t machine) const { return "10.204." + std::to_string(net_) + "." + std::to_string(4 * machine + 2); }
std::vector<std::string> Namespaces::prefix(std::size_t machine) const { return {"ip", "netns", "exec", name(machine)}; }
void Namespaces::cut(std::size_t machine) { ip("-n " + base_ + "h link set p" + std::to_string(machine) + " down"); }
void Namespaces::mend(std::size_t machine) { ip("-n " + base_ + "h link set p" + std::to_string(machine) + " up"); }

}  // namespace livefair::test
