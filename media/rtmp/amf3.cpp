#include "rtmp/amf3.hpp"

#include <bit>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace livefair::rtmp {
namespace {

enum Marker : std::uint8_t {
    undefined_marker = 0,
    null_marker = 1,
    false_marker = 2,
    true_marker = 3,
    integer_marker = 4,
    double_marker = 5,
    string_marker = 6,
    xml_document_marker = 7,
    date_marker = 8,
    array_marker = 9,
    object_marker = 10,
    xml_marker = 11,
    byte_array_marker = 12,
    dictionary_marker = 17,
};

constexpr std::size_t text_bytes_max = 256 * 1024;  // with what references repeat

struct Traits {
    std::vector<std::string> names;
    bool dynamic = false;
};

/// Reads values recursively; the depth limit bounds the stack.
class Reader {
public:
    Reader(std::string_view bytes, AmfLimits limits) : in_(bytes), limits_(limits) {}

    Result<AmfValue> value(std::size_t depth) {
        if (depth > limits_.depth_max || ++count_ > limits_.values_max) return make_error_code(Errc::too_large);
        const auto marker = in_.big_endian(1);
        if (!marker) return marker.error();
        AmfValue out;
        switch (*marker) {
            case undefined_marker:
            case null_marker:
                return out;
            case false_marker:
            case true_marker:
                out.kind = AmfValue::Kind::boolean;
                out.boolean = *marker == true_marker;
                return out;
            case integer_marker:
                return integer();
            case double_marker:
                return number();
            case string_marker: {
                auto text = string();
                return text ? text_value(std::move(*text)) : Result<AmfValue>(text.error());
            }
            case xml_document_marker:
            case xml_marker:
            case byte_array_marker:
                return blob();
            case date_marker:
                return date();
            case array_marker:
                return array(depth);
            case object_marker:
                return object(depth);
            default:
                return make_error_code(*marker <= dictionary_marker ? Errc::unsupported : Errc::invalid_input);
        }
    }

    std::size_t left() const { return in_.left(); }
    std::size_t count() const { return count_; }

private:
    /// AMF3, 1.3.1: 7 bits in each of three bytes, 8 in a fourth.
    Result<std::uint32_t> u29() {
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i) {
            const auto byte = in_.big_endian(1);
            if (!byte) return byte.error();
            const auto bits = static_cast<std::uint32_t>(*byte);
            if (i == 3) return value << 8 | bits;
            value = value << 7 | (bits & 127);
            if ((bits & 128) == 0) return value;
        }
        return value;
    }

    Result<AmfValue> integer() {
        const auto bits = u29();
        if (!bits) return bits.error();
        constexpr std::int32_t sign = 1 << 28;
        const auto value = static_cast<std::int32_t>(*bits);
        return number_value((value & sign) != 0 ? value - 2 * sign : value);
    }

    Result<AmfValue> number() {
        const auto bits = in_.big_endian(8);
        if (!bits) return bits.error();
        return number_value(std::bit_cast<double>(*bits));
    }

    static AmfValue number_value(double number) {
        AmfValue out;
        out.kind = AmfValue::Kind::number;
        out.number = number;
        return out;
    }

    static AmfValue text_value(std::string text) {
        AmfValue out;
        out.kind = AmfValue::Kind::text;
        out.text = std::move(text);
        return out;
    }

    Result<std::string> keep(std::string text) {
        text_bytes_ += text.size();
        if (text_bytes_ > text_bytes_max) return make_error_code(Errc::too_large);
        return text;
    }

    /// AMF3, 1.3.2: a length and its bytes, or an index of the table. The empty string is never in the table.
    Result<std::string> string() {
        const auto head = u29();
        if (!head) return head.error();
        if ((*head & 1) == 0) {
            if (*head >> 1 >= strings_.size()) return make_error_code(Errc::invalid_input);
            return keep(strings_[*head >> 1]);
        }
        const auto bytes = in_.take(*head >> 1);
        if (!bytes) return bytes.error();
        auto text = keep(std::string(*bytes));
        if (text && !text->empty()) strings_.push_back(*text);
        return text;
    }

    /// The head of what may be a reference to an earlier complex value: its upper bits, or nothing for a reference.
    Result<std::optional<std::uint32_t>> complex_head() {
        const auto head = u29();
        if (!head) return head.error();
        if ((*head & 1) == 0) {
            if (*head >> 1 >= complex_count_) return make_error_code(Errc::invalid_input);
            return std::optional<std::uint32_t>();
        }
        ++complex_count_;
        return std::optional<std::uint32_t>(*head >> 1);
    }

    Result<AmfValue> blob() {
        const auto length = complex_head();
        if (!length) return length.error();
        if (!*length) return AmfValue();
        const auto bytes = in_.take(**length);
        if (!bytes) return bytes.error();
        auto text = keep(std::string(*bytes));
        return text ? text_value(std::move(*text)) : Result<AmfValue>(text.error());
    }

    Result<AmfValue> date() {
        const auto head = complex_head();
        if (!head) return head.error();
        return *head ? number() : AmfValue();
    }

    Result<> member(AmfValue& object, std::string name, std::size_t depth) {
        auto item = value(depth + 1);
        if (!item) return item.error();
        object.members.push_back({std::move(name), std::move(*item)});
        return {};
    }

    /// Names and values until the empty name.
    Result<> named_members(AmfValue& object, std::size_t depth) {
        for (;;) {
            auto name = string();
            if (!name) return name.error();
            if (name->empty()) return {};
            if (const auto read = member(object, std::move(*name), depth); !read) return read.error();
        }
    }

    Result<AmfValue> array(std::size_t depth) {
        const auto length = complex_head();
        if (!length) return length.error();
        AmfValue out;
        if (!*length) return out;
        out.kind = AmfValue::Kind::object;
        if (const auto read = named_members(out, depth); !read) return read.error();
        for (std::uint32_t i = 0; i < **length; ++i)
            if (const auto read = member(out, std::string(), depth); !read) return read.error();
        return out;
    }

    /// AMF3, 3.12. `head` is what stands above the object's reference bit. Returns the index of the traits.
    Result<std::size_t> traits(std::uint32_t head) {
        if ((head & 1) == 0) {
            if (head >> 1 >= traits_.size()) return make_error_code(Errc::invalid_input);
            return head >> 1;
        }
        if ((head & 2) != 0) return make_error_code(Errc::unsupported);
        const auto class_name = string();
        if (!class_name) return class_name.error();
        const auto names = head >> 3;
        if (names > limits_.values_max) return make_error_code(Errc::too_large);
        Traits read;
        read.dynamic = (head & 4) != 0;
        for (std::uint32_t i = 0; i < names; ++i) {
            auto name = string();
            if (!name) return name.error();
            read.names.push_back(std::move(*name));
        }
        traits_.push_back(std::move(read));
        return traits_.size() - 1;
    }

    Result<AmfValue> object(std::size_t depth) {
        const auto head = complex_head();
        if (!head) return head.error();
        AmfValue out;
        if (!*head) return out;
        out.kind = AmfValue::Kind::object;
        const auto index = traits(**head);
        if (!index) return index.error();
        for (std::size_t i = 0; i < traits_[*index].names.size(); ++i) {
            auto name = keep(traits_[*index].names[i]);  // a value inside may move the table
            if (!name) return name.error();
            if (const auto read = member(out, std::move(*name), depth); !read) return read.error();
        }
        if (!traits_[*index].dynamic) return out;
        if (const auto read = named_members(out, depth); !read) return read.error();
        return out;
    }

    ByteReader in_;
    AmfLimits limits_;
    std::vector<std::string> strings_;
    std::vector<Traits> traits_;
    std::size_t complex_count_ = 0;
    std::size_t text_bytes_ = 0;
    std::size_t count_ = 0;
};

}  // namespace

Result<Amf3Read> read_amf3(std::string_view bytes, AmfLimits limits) {
    Reader reader(bytes, limits);
    auto value = reader.value(0);
    if (!value) return value.error();
    return Amf3Read{std::move(*value), bytes.size() - reader.left(), reader.count()};
}

}  // namespace livefair::rtmp
