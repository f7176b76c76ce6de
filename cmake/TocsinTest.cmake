# tocsin_test(NAME SOURCES … [LINK …] [DEFINE …] [LABELS …])
#
# One test program `test_NAME`, one ctest entry of the same name; scripts/test sums up the test cases that the programs
# report. A program with the label `sharded` is run under ThreadSanitizer too.
function(tocsin_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK;DEFINE;LABELS")
  set(target test_${name})
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_definitions(${target} PRIVATE
    TOCSIN_SOURCE_DIR="${PROJECT_SOURCE_DIR}" TOCSIN_BINARY_DIR="${PROJECT_BINARY_DIR}" ${arg_DEFINE})
  target_link_libraries(${target} PRIVATE ${arg_LINK} tocsin_warnings Catch2::Catch2WithMain)
  add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 1200)
endfunction()
