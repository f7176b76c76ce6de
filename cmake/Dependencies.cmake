# Debian 12 packages only; scripts/setup installs them.
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)           # headers: Spirit X3
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(TBB REQUIRED)
find_package(ZLIB REQUIRED)
find_package(tsl-robin-map REQUIRED)         # headers
find_package(RocksDB 7.8 REQUIRED)
find_package(CURL 7.87 REQUIRED)            # CURLOPT_QUICK_EXIT
find_package(OpenSSL 3 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libhs REQUIRED IMPORTED_TARGET libhs)          # Hyperscan or Vectorscan
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(libxxhash REQUIRED IMPORTED_TARGET libxxhash)
find_path(TL_EXPECTED_INCLUDE_DIR tl/expected.hpp REQUIRED)
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
