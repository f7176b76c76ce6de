#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include <rapidcheck.h>

#include "support/test.hpp"

namespace tocsin::test {

/// Tries a property over random case seeds. TOCSIN_CASES sets how many; the default keeps the suite quick.
template <class Property>
void check_cases(const std::string& name, Property property) {
    const char* given = std::getenv("TOCSIN_CASES");
    rc::detail::TestMetadata metadata;
    metadata.id = name;
    metadata.description = name;
    rc::detail::TestParams params = rc::detail::configuration().testParams;
    params.maxSuccess = given != nullptr ? std::atoi(given) : 400;
    params.disableShrinking = true;
    const auto result = rc::detail::checkTestable(
        [&] { property(*rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>())); }, metadata, params);
    rc::detail::printResultMessage(result, std::cout);
    std::cout << '\n' << name << ": seed " << params.seed << ", " << params.maxSuccess << " cases\n";
    REQUIRE(result.template is<rc::detail::SuccessResult>());
}

}  // namespace tocsin::test
