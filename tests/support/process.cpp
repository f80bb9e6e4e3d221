#include "support/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/temporary_folder.hpp"

namespace livefair::test {
namespace {

int open_log(const std::string& path) {
    return path.empty() ? ::open("/dev/null", O_WRONLY | O_CLOEXEC)
                        : ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry; ++entry) {
        const std::string text(*entry);
        if (!added.count(text.substr(0, text.find('=')))) all.push_back(text);
    }
    for (const auto& [name, value] : added) all.push_back(name + "=" + value);
    return all;
}

}  // namespace

Process::Process(Options options) : options_(std::move(options)) {
    // Everything that allocates happens before fork(): the child of a threaded program may only make system calls.
    auto arguments = pointers(options_.command);
    auto environment = merged_environment(options_.environment);
    auto environment_pointers = pointers(environment);
    const int out = open_log(options_.output_file);
    const int err = options_.error_file.empty() ? ::dup(out) : open_log(options_.error_file);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(127);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(err, STDERR_FILENO);
        ::execvpe(arguments[0], arguments.data(), environment_pointers.data());
        ::_exit(127);
    }
    ::close(out);
    ::close(err);
    if (pid_ < 0) throw std::runtime_error("cannot start " + options_.command.at(0));
}

Process::~Process() {
    if (!is_running()) return;
    signal(SIGKILL);
    wait(std::chrono::seconds(10));
}

void Process::signal(int number) {
    if (!status_) ::kill(pid_, number);
}

int Process::terminate(std::chrono::milliseconds deadline) {
    signal(SIGTERM);
    if (!wait(deadline)) signal(SIGKILL);
    return wait(std::chrono::seconds(10)).value_or(-SIGKILL);
}

std::optional<int> Process::wait(std::chrono::milliseconds deadline) {
    eventually([this] { return !is_running(); }, deadline);
    return status_;
}

bool Process::is_running() {
    if (status_) return false;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return false;
}

std::string Process::output() const { return read_file(options_.output_file); }

std::string Process::errors() const {
    return read_file(options_.error_file.empty() ? options_.output_file : options_.error_file);
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

std::string wait_for_line(Process& process, const std::string& text, std::chrono::milliseconds deadline) {
    std::string found;
    const auto look = [&] {
        const bool ended = !process.is_running();
        std::istringstream lines(process.output());
        for (std::string line; std::getline(lines, line);)
            if (line.find(text) != std::string::npos && !lines.eof()) found = line;
        return ended || !found.empty();
    };
    eventually(look, deadline);
    return found;
}

}  // namespace livefair::test
