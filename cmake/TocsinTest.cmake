# Everything that scripts/test builds for ThreadSanitizer, and for the fuzz runs.
add_custom_target(sharded_tests)
add_custom_target(fuzz_targets)

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
  if("sharded" IN_LIST arg_LABELS)
    add_dependencies(sharded_tests ${target})
  endif()
endfunction()

# tocsin_fuzz(NAME SOURCES … [LINK …]), from tests/fuzz only
#
# SOURCES define LLVMFuzzerTestOneInput. With TOCSIN_FUZZ it is a libFuzzer program `fuzz_NAME`; without, a test that runs
# every file of tests/fuzz/corpus/NAME through it.
function(tocsin_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  set(target fuzz_${name})
  add_executable(${target} ${arg_SOURCES})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_link_libraries(${target} PRIVATE ${arg_LINK} tocsin_warnings)
  if(TOCSIN_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzz_targets ${target})
  else()
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/replay_corpus.cpp)
    add_test(NAME ${target} COMMAND ${target} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  endif()
endfunction()
