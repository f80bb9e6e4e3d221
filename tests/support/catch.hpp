#pragma once

#include <boost/system/result.hpp>
#include <catch2/catch.hpp>
#include <string>

/// Lets CHECK(result) print a Result whose value has no operator<<: "a value", or the name of the error.
template <class T>
struct Catch::StringMaker<boost::system::result<T>, void> {
    static std::string convert(const boost::system::result<T>& result) {
        return result ? "a value" : "error " + result.error().message();
    }
};
