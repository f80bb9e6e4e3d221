#include "table/xlsx_package.hpp"

#include <expat.h>
#include <zip.h>

#include <array>

namespace livefair::table {
namespace {

constexpr zip_int64_t entries_max = 1000;

std::string_view local_name(std::string_view name) {
    return name.substr(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1);
}

struct Parse {
    XML_Parser parser;
    XmlHandler& handler;
    void stop_if_done() {
        if (!handler.goes_on()) XML_StopParser(parser, XML_FALSE);
    }
};

void on_open(void* data, const char* name, const char** attributes) {
    auto& parse = *static_cast<Parse*>(data);
    parse.handler.open(local_name(name), attributes);
    parse.stop_if_done();
}

void on_close(void* data, const char* name) {
    auto& parse = *static_cast<Parse*>(data);
    parse.handler.close(local_name(name));
    parse.stop_if_done();
}

void on_text(void* data, const char* text, int length) {
    auto& parse = *static_cast<Parse*>(data);
    parse.handler.text(std::string_view(text, static_cast<std::size_t>(length)));
}

/// Without a DTD there are no entities that could grow or name other files.
void on_doctype(void* data, const char*, const char*, const char*, int) {
    XML_StopParser(static_cast<Parse*>(data)->parser, XML_FALSE);
}

using ParserPointer = std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)>;
using FilePointer = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

}  // namespace

std::string_view attribute(XmlHandler::Attributes attributes, std::string_view name) {
    for (; *attributes != nullptr; attributes += 2)
        if (attributes[0] == name) return attributes[1];
    return {};
}

Package::Package(std::string_view file, std::size_t unpacked_bytes_max) : bytes_left_(unpacked_bytes_max) {
    auto* source = zip_source_buffer_create(file.data(), file.size(), 0, nullptr);
    if (source == nullptr) return;
    archive_ = zip_open_from_source(source, ZIP_RDONLY, nullptr);
    if (archive_ == nullptr) zip_source_free(source);
    if (archive_ == nullptr || zip_get_num_entries(archive_, 0) <= entries_max) return;
    zip_discard(archive_);
    archive_ = nullptr;
}

Package::~Package() {
    if (archive_ != nullptr) zip_discard(archive_);
}

Package::Parsed Package::parse(const std::string& name, XmlHandler& handler) {
    const auto index = zip_name_locate(archive_, name.c_str(), 0);
    if (index < 0) return Parsed::missing;
    const FilePointer part(zip_fopen_index(archive_, static_cast<zip_uint64_t>(index), 0), &zip_fclose);
    const ParserPointer parser(XML_ParserCreate(nullptr), &XML_ParserFree);
    if (!part || !parser) return Parsed::broken;
    Parse parse{parser.get(), handler};
    XML_SetUserData(parser.get(), &parse);
    XML_SetElementHandler(parser.get(), on_open, on_close);
    XML_SetCharacterDataHandler(parser.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
    std::array<char, 65'536> buffer;
    for (;;) {
        const auto count = zip_fread(part.get(), buffer.data(), buffer.size());
        if (count < 0) return Parsed::broken;
        if (static_cast<std::size_t>(count) > bytes_left_) return Parsed::too_large;
        bytes_left_ -= static_cast<std::size_t>(count);
        const auto status = XML_Parse(parser.get(), buffer.data(), static_cast<int>(count), count == 0);
        if (!handler.goes_on()) return Parsed::done;
        if (status != XML_STATUS_OK) return Parsed::broken;
        if (count == 0) return Parsed::done;
    }
}

}  // namespace livefair::table
