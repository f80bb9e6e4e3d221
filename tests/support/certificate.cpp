#include "support/certificate.hpp"

#include <chrono>
#include <stdexcept>

#include "support/process.hpp"

namespace livefair::test {

void make_certificate(const std::string& certificate_file, const std::string& key_file) {
    Process::Options options;
    options.command = {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                       "subjectAltName=DNS:localhost", "-keyout", key_file, "-out", certificate_file};
    Process maker(std::move(options));
    if (maker.wait(std::chrono::seconds(20)) != 0) throw std::runtime_error("openssl made no certificate");
}

}  // namespace livefair::test
