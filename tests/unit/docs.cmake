livefair_test(unit_docs LABELS unit SOURCES docs/journeys_test.cpp)
target_compile_definitions(unit_docs PRIVATE LIVEFAIR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
