#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct zip;

namespace livefair::table {

/// What one part of an XLSX file says, element by element. Names are without their prefix.
class XmlHandler {
public:
    /// Name and value by turns, ended by a null; names are as written, with their prefix.
    using Attributes = const char* const*;
    virtual ~XmlHandler() = default;
    virtual void open(std::string_view name, Attributes attributes) = 0;
    virtual void close(std::string_view) {}
    virtual void text(std::string_view) {}
    /// False ends the parsing.
    virtual bool goes_on() const { return true; }
};

/// The value of an attribute, its name as written; empty when it is missing.
std::string_view attribute(XmlHandler::Attributes attributes, std::string_view name);

/// The ZIP file that an XLSX is, in memory. Unpacks at most `unpacked_bytes_max` in all, piece by piece into the XML
/// parser.
class Package {
public:
    Package(std::string_view file, std::size_t unpacked_bytes_max);
    ~Package();
    Package(const Package&) = delete;
    Package& operator=(const Package&) = delete;

    bool is_open() const { return archive_ != nullptr; }
    enum class Parsed { done, missing, broken, too_large };
    /// Feeds the part of this name to `handler`. A part with a DTD is broken.
    Parsed parse(const std::string& name, XmlHandler& handler);

private:
    ::zip* archive_ = nullptr;
    std::size_t bytes_left_;
};

}  // namespace livefair::table
