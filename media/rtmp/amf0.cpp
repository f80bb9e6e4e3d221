#include "rtmp/amf0.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/bytes.hpp"
#include "rtmp/amf3.hpp"

namespace livefair::rtmp {
namespace {

enum Marker : std::uint8_t {
    number_marker = 0,
    boolean_marker = 1,
    string_marker = 2,
    object_marker = 3,
    null_marker = 5,
    undefined_marker = 6,
    ecma_array_marker = 8,
    object_end_marker = 9,
    strict_array_marker = 10,
    date_marker = 11,
    long_string_marker = 12,
    unsupported_marker = 13,
    xml_marker = 15,
    typed_object_marker = 16,
    amf3_marker = 17,
};

/// Reads values recursively; the depth limit bounds the stack.
class Reader {
public:
    Reader(std::string_view bytes, AmfLimits limits) : in_(bytes), limits_(limits) {}

    Result<std::vector<AmfValue>> all() {
        std::vector<AmfValue> values;
        while (in_.left() > 0) {
            auto next = value(0);
            if (!next) return next.error();
            values.push_back(std::move(*next));
        }
        return values;
    }

private:
    Result<AmfValue> value(std::size_t depth) {
        if (depth > limits_.depth_max || ++count_ > limits_.values_max) return make_error_code(Errc::too_large);
        const auto marker = in_.big_endian(1);
        if (!marker) return marker.error();
        AmfValue out;
        switch (*marker) {
            case null_marker:
            case undefined_marker:
            case unsupported_marker:
                return out;
            case number_marker:
                return number(0);
            case date_marker:
                return number(2);
            case boolean_marker: {
                const auto byte = in_.big_endian(1);
                if (!byte) return byte.error();
                out.kind = AmfValue::Kind::boolean;
                out.boolean = *byte != 0;
                return out;
            }
            case string_marker:
                return text(2);
            case long_string_marker:
            case xml_marker:
                return text(4);
            case typed_object_marker: {
                const auto class_name = text(2);
                if (!class_name) return class_name.error();
                return object(depth);
            }
            case ecma_array_marker: {
                // The count is a hint that writers get wrong; the end marker counts.
                const auto hint = in_.big_endian(4);
                if (!hint) return hint.error();
                return object(depth);
            }
            case object_marker:
                return object(depth);
            case strict_array_marker:
                return array(depth);
            case amf3_marker:
                return amf3(depth);
            default:
                return make_error_code(Errc::invalid_input);
        }
    }

    Result<AmfValue> number(std::size_t trailing_bytes) {
        const auto bits = in_.big_endian(8);
        if (!bits) return bits.error();
        if (const auto skipped = in_.take(trailing_bytes); !skipped) return skipped.error();
        AmfValue out;
        out.kind = AmfValue::Kind::number;
        out.number = std::bit_cast<double>(*bits);
        return out;
    }

    Result<AmfValue> text(std::size_t length_width) {
        const auto length = in_.big_endian(length_width);
        if (!length) return length.error();
        const auto bytes = in_.take(*length);
        if (!bytes) return bytes.error();
        AmfValue out;
        out.kind = AmfValue::Kind::text;
        out.text = std::string(*bytes);
        return out;
    }

    Result<AmfValue> object(std::size_t depth) {
        AmfValue out;
        out.kind = AmfValue::Kind::object;
        for (;;) {
            auto name = text(2);
            if (!name) return name.error();
            if (name->text.empty() && !in_.rest().empty() && in_.rest().front() == object_end_marker) {
                static_cast<void>(in_.take(1));
                return out;
            }
            auto member = value(depth + 1);
            if (!member) return member.error();
            out.members.push_back({std::move(name->text), std::move(*member)});
        }
    }

    Result<AmfValue> array(std::size_t depth) {
        const auto count = in_.big_endian(4);
        if (!count) return count.error();
        AmfValue out;
        out.kind = AmfValue::Kind::object;
        for (std::uint64_t i = 0; i < *count; ++i) {
            auto item = value(depth + 1);
            if (!item) return item.error();
            out.members.push_back({std::string(), std::move(*item)});
        }
        return out;
    }

    Result<AmfValue> amf3(std::size_t depth) {
        auto read = read_amf3(in_.rest(), {limits_.depth_max - depth, limits_.values_max - count_});
        if (!read) return read.error();
        count_ += read->values;
        static_cast<void>(in_.take(read->bytes));
        return std::move(read->value);
    }

    ByteReader in_;
    AmfLimits limits_;
    std::size_t count_ = 0;
};

void append_big_endian(std::string& bytes, std::uint64_t value, std::size_t width) {
    ByteWriter writer;
    bytes += writer.big_endian(value, width).bytes();
}

}  // namespace

AmfValue::AmfValue() = default;
AmfValue::AmfValue(const AmfValue& other) = default;
AmfValue::AmfValue(AmfValue&& other) noexcept = default;
AmfValue::~AmfValue() = default;

AmfValue& AmfValue::operator=(AmfValue other) noexcept {
    std::swap(kind, other.kind);
    std::swap(number, other.number);
    std::swap(boolean, other.boolean);
    text.swap(other.text);
    members.swap(other.members);
    return *this;
}

const AmfValue* AmfValue::find(std::string_view name) const {
    for (const auto& [member_name, member] : members)
        if (member_name == name) return &member;
    return nullptr;
}

std::string_view AmfValue::text_of(std::string_view name) const {
    const auto* member = find(name);
    return member && member->kind == Kind::text ? std::string_view(member->text) : std::string_view();
}

double AmfValue::number_of(std::string_view name, double otherwise) const {
    const auto* member = find(name);
    return member && member->kind == Kind::number && std::isfinite(member->number) ? member->number : otherwise;
}

Result<std::vector<AmfValue>> read_amf0(std::string_view bytes, AmfLimits limits) { return Reader(bytes, limits).all(); }

AmfWriter& AmfWriter::number(double value) {
    bytes_ += static_cast<char>(number_marker);
    append_big_endian(bytes_, std::bit_cast<std::uint64_t>(value), 8);
    return *this;
}

AmfWriter& AmfWriter::boolean(bool value) {
    bytes_ += static_cast<char>(boolean_marker);
    bytes_ += static_cast<char>(value);
    return *this;
}

AmfWriter& AmfWriter::text(std::string_view value) {
    bytes_ += static_cast<char>(string_marker);
    name(value);
    return *this;
}

AmfWriter& AmfWriter::null() {
    bytes_ += static_cast<char>(null_marker);
    return *this;
}

AmfWriter& AmfWriter::object(const std::vector<std::pair<std::string_view, std::string_view>>& texts,
                             const std::vector<std::pair<std::string_view, double>>& numbers) {
    begin_object();
    for (const auto& [key, value] : texts) member(key).text(value);
    for (const auto& [key, value] : numbers) member(key).number(value);
    return end_object();
}

AmfWriter& AmfWriter::begin_object() {
    bytes_ += static_cast<char>(object_marker);
    return *this;
}

AmfWriter& AmfWriter::member(std::string_view key) {
    name(key);
    return *this;
}

AmfWriter& AmfWriter::end_object() {
    append_big_endian(bytes_, object_end_marker, 3);
    return *this;
}

AmfWriter& AmfWriter::array(const std::vector<std::string_view>& texts) {
    bytes_ += static_cast<char>(strict_array_marker);
    append_big_endian(bytes_, texts.size(), 4);
    for (const auto& item : texts) text(item);
    return *this;
}

void AmfWriter::name(std::string_view text) {
    text = text.substr(0, 65'535);
    append_big_endian(bytes_, text.size(), 2);
    bytes_ += text;
}

}  // namespace livefair::rtmp
