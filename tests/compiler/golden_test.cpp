#include "support/golden.hpp"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>

#include <tocsin/plan/print.hpp>

#include "compiled.hpp"

namespace fs = std::filesystem;

namespace tocsin::test {
namespace {

const fs::path kGolden = fs::path(TOCSIN_SOURCE_DIR) / "tests" / "golden";

std::vector<std::string> rule_files(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(kGolden / folder)) {
        if (entry.path().extension() == ".tocsin") {
            names.push_back(entry.path().stem().string());
        }
    }
    std::ranges::sort(names);
    return names;
}

/// Compiled with the bare file name, in its folder: so that messages are the same everywhere.
Compiled compile_file(const std::string& folder, const std::string& name) {
    const fs::path before = fs::current_path();
    fs::current_path(kGolden / folder);
    Compiled out = compiled({read_file(name + ".tocsin")}, name + ".tocsin");
    fs::current_path(before);
    return out;
}

std::set<std::string> documented_codes() {
    const std::string text = read_file(fs::path(TOCSIN_SOURCE_DIR) / "docs" / "diagnostics.md");
    static const std::regex code("[EWH]0[2-7][0-9][0-9]");
    return {std::sregex_token_iterator(text.begin(), text.end(), code), std::sregex_token_iterator()};
}

TEST_CASE("every finding of the compiler is drawn as its golden file shows", "[golden]") {
    for (const std::string& name : rule_files("check")) {
        DYNAMIC_SECTION(name) {
            const Compiled result = compile_file("check", name);
            CHECK(std::ranges::find(result.codes, name) != result.codes.end());
            check_golden("check/" + name + ".expect", result.found);
        }
    }
}

TEST_CASE("a load with errors of syntax shows the errors of its other declarations as its golden file shows", "[golden]") {
    for (const std::string& name : rule_files("diagnostics/load")) {
        DYNAMIC_SECTION(name) {
            const Compiled result = compile_file("diagnostics/load", name);
            CHECK(result.program == nullptr);
            check_golden("diagnostics/load/" + name + ".expect", result.found);
        }
    }
}

TEST_CASE("every code of the compiler is documented and has a golden file of its name") {
    const std::vector<std::string> files = rule_files("check");
    const std::set<std::string> tested(files.begin(), files.end());
    const std::set<std::string> documented = documented_codes();
    for (const std::string& code : documented) {
        INFO(code << " is documented");
        CHECK((tested.contains(code) || code == "E0317"));  // E0317 needs more text than a golden file should have
    }
    for (const std::string& code : tested) {
        INFO(code << " has a golden file");
        CHECK(documented.contains(code));
    }
}

TEST_CASE("a program prints as its golden file shows", "[golden]") {
    for (const std::string& name : rule_files("plan")) {
        DYNAMIC_SECTION(name) {
            const Compiled result = compile_file("plan", name);
            INFO(result.found);
            REQUIRE(result.program != nullptr);
            check_golden("plan/" + name + ".expect", plan::print(*result.program));
        }
    }
}

}  // namespace
}  // namespace tocsin::test
