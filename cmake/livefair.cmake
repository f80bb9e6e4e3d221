# Compiler settings and the two functions that every folder uses.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# One flag for libraries and programs, so that both can read the same precompiled header. Nothing here is a shared library.
add_compile_options(-fPIE)
add_link_options(-pie)

find_program(CCACHE ccache)
if(CCACHE)
  # The two words let ccache serve files that read a precompiled header; the folder, clones elsewhere on the machine.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  else()
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
find_program(MOLD mold)
find_program(LLD ld.lld)
if(MOLD)
  add_link_options(-fuse-ld=mold)
elseif(LLD)
  add_link_options(-fuse-ld=lld)
endif()

# -fcoroutines bug workarounds are not needed from g++ 12.2 on; warnings below are errors everywhere but in generated code.
add_library(livefair_options INTERFACE)
target_compile_options(livefair_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives of g++ 12 on optimised coroutine and std::string code (GCC bugs 105562, 105329).
  target_compile_options(livefair_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
  # The same for coroutine frames whose allocation is inlined, which happens in optimised builds alone.
  if(CMAKE_BUILD_TYPE STREQUAL "Release" OR LIVEFAIR_SANITIZE)
    target_compile_options(livefair_options INTERFACE -Wno-mismatched-new-delete)
  endif()
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(LIVEFAIR_SANITIZE)
  add_compile_options(-fsanitize=${LIVEFAIR_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LIVEFAIR_SANITIZE})
  if(LIVEFAIR_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(LIVEFAIR_FUZZ)
  # clang 14 can't emit its check of function types for coroutines ("Cannot represent a difference across sections").
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=function)
endif()

# Asio is compiled once, in livefair_boost. Everywhere, so that all translation units agree (one definition rule).
# _FILE_OFFSET_BITS: hiredis asks for it, which changes nothing on 64 bits but would keep its users from the precompiled header.
add_compile_definitions(
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED _FILE_OFFSET_BITS=64)
if(LIVEFAIR_SANITIZE MATCHES "thread")
  # The thread sanitizer does not know fences; Asio's are beside locks that it does know.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

# The headers that most files read take about half of the time to compile such a file. The dev preset does without, so that a
# file that forgets an include is found.
option(LIVEFAIR_PCH "Precompile common headers" ON)

# livefair_precompile(NAME HEADER): a set of precompiled headers, taken by livefair_read_precompiled(TARGET NAME).
function(livefair_precompile name header)
  file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "")
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE livefair_options)
  target_precompile_headers(${name} PRIVATE ${header})
endfunction()

function(livefair_read_precompiled target name)
  if(LIVEFAIR_PCH)
    target_precompile_headers(${target} REUSE_FROM ${name})
    # Asio's headers hold references to its error categories.
    target_link_libraries(${target} PRIVATE livefair_boost)
  endif()
endfunction()

# livefair_library(NAME SOURCES a.cpp ... [PUBLIC lib ...] [PRIVATE lib ...])
# The static library of the current folder. Headers are included from the module root: common/, server/ or media/.
function(livefair_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH root)
  target_include_directories(${name} PUBLIC ${root})
  target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE livefair_options ${arg_PRIVATE})
  livefair_read_precompiled(${name} livefair_precompiled)
endfunction()

# livefair_embed(TARGET FILE ...): each file's text as `livefair::embedded::<name with _ for . and ->`, a std::string_view declared
# in "<file>.hpp" of the target's binary folder: till.lua -> #include "till.lua.hpp", livefair::embedded::till_lua.
function(livefair_embed target)
  foreach(file ${ARGN})
    cmake_path(GET file FILENAME base)
    string(REGEX REPLACE "[.-]" "_" symbol ${base})
    if(symbol MATCHES "^[0-9]")
      set(symbol "_${symbol}")
    endif()
    file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${file} text)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded/${base}.hpp
      CONTENT "#pragma once\n#include <string_view>\nnamespace livefair::embedded {\nextern const std::string_view ${symbol};\n}\n" @ONLY)
    file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded/${base}.cpp
      CONTENT "#include \"${base}.hpp\"\nnamespace livefair::embedded {\nconst std::string_view ${symbol} = R\"__livefair__(${text})__livefair__\";\n}\n")
    target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/embedded/${base}.cpp)
    # Clang warns of literals that other compilers may not take.
    set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/embedded/${base}.cpp PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
  endforeach()
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/embedded)
endfunction()
