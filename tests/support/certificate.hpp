#pragma once

#include <string>

namespace livefair::test {

/// A certificate for "localhost" that signs itself, made by openssl(1) at these two paths. Throws std::runtime_error.
void make_certificate(const std::string& certificate_file, const std::string& key_file);

}  // namespace livefair::test
