# tocsin_library(NAME [INTERNAL] SOURCES … HEADERS … [PUBLIC …] [PRIVATE …])
#
# One folder, one static library `tocsin_NAME` (alias `tocsin::NAME`) whose public headers live in
# NAME/include. There is no common include root: an include that goes against the layers is a missing file. INTERNAL ones
# serve the command, and are no part of the package that is installed.

add_library(tocsin_warnings INTERFACE)
target_compile_options(tocsin_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  # GCC 12 sees overlapping copies in `"literal" + std::string`, and uses of an empty std::optional's value where one is
  # moved, at -O3 that are not there.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror)

function(tocsin_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "INTERNAL" "" "SOURCES;HEADERS;PUBLIC;PRIVATE")
  set(target tocsin_${name})
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:tocsin_warnings>)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(tocsin::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
  target_compile_features(${target} ${scope} cxx_std_20)
  if(arg_PUBLIC)
    target_link_libraries(${target} ${scope} ${arg_PUBLIC})
  endif()
  if(arg_PRIVATE)
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE})
  endif()
  if(NOT arg_INTERNAL)
    set_property(GLOBAL APPEND PROPERTY TOCSIN_LIBRARIES ${target})
  endif()
endfunction()
