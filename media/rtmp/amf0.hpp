#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/errc.hpp"

namespace livefair::rtmp {

struct AmfMember;

/// One AMF0 value (Action Message Format 0, as RTMP commands and FLV metadata use it). Dates become numbers, arrays become objects.
struct AmfValue {
    enum class Kind { null, number, boolean, text, object };
    Kind kind = Kind::null;
    double number = 0;
    bool boolean = false;
    std::string text;
    std::vector<AmfMember> members;  ///< Of an object, in order; names of a strict array's items are empty.

    // A value holds values, so all that copies or destroys one is written where the type is whole.
    AmfValue();
    AmfValue(const AmfValue& other);
    AmfValue(AmfValue&& other) noexcept;
    AmfValue& operator=(AmfValue other) noexcept;
    ~AmfValue();

    /// The first member of this name; nullptr when there is none or this is no object.
    const AmfValue* find(std::string_view name) const;
    /// The text of the member `name`; empty when it is missing or no text.
    std::string_view text_of(std::string_view name) const;
    /// The number of the member `name`; `otherwise` when it is missing or no finite number.
    double number_of(std::string_view name, double otherwise) const;
};

struct AmfMember {
    std::string name;
    AmfValue value;
};

struct AmfLimits {
    std::size_t depth_max = 16;     ///< Objects inside objects.
    std::size_t values_max = 2048;  ///< Values in one message, members included.
};

/// Reads all values of one message body, those after a switch to AMF3, too.
/// Errors: Errc::invalid_input (truncated, unknown marker, reference), too_large (a limit), unsupported (in AMF3, see read_amf3).
Result<std::vector<AmfValue>> read_amf0(std::string_view bytes, AmfLimits limits = {});

/// Builds one message body, value by value.
class AmfWriter {
public:
    AmfWriter& number(double value);
    AmfWriter& boolean(bool value);
    /// `value` longer than 65,535 bytes is cut.
    AmfWriter& text(std::string_view value);
    AmfWriter& null();
    /// An object of text members, then numbers: the shape of nearly all our answers.
    AmfWriter& object(const std::vector<std::pair<std::string_view, std::string_view>>& texts,
                      const std::vector<std::pair<std::string_view, double>>& numbers = {});
    /// An object of any shape: after each member() one value, at last end_object().
    AmfWriter& begin_object();
    AmfWriter& member(std::string_view name);
    AmfWriter& end_object();
    /// A strict array.
    AmfWriter& array(const std::vector<std::string_view>& texts);
    std::string take() { return std::move(bytes_); }

private:
    void name(std::string_view text);
    std::string bytes_;
};

}  // namespace livefair::rtmp
