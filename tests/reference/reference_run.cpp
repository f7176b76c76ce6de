// reference_run RULES.tocsin INPUT.ndjson…: the reference's alerts and late records, one JSON object a line.
#include <fstream>
#include <iostream>
#include <sstream>

#include "reference/reference.hpp"

namespace {

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: reference_run RULES.tocsin INPUT.ndjson...\n";
        return 2;
    }
    const reference::Result<reference::Program> program = reference::parse(read_file(argv[1]));
    if (!program) {
        std::cerr << program.error() << "\n";
        return 1;
    }
    std::vector<reference::Record> records;
    for (int i = 2; i < argc; ++i) {
        const std::string path = argv[i];
        const std::vector<reference::Record> more = reference::read_ndjson(read_file(path), path.substr(path.rfind('/') + 1));
        records.insert(records.end(), more.begin(), more.end());
    }
    const reference::Output output = reference::run(*program, records);
    for (const reference::Alert& alert : output.alerts) {
        std::cout << reference::to_json_line(alert) << "\n";
    }
    for (const reference::Late& late : output.late) {
        std::cout << reference::to_json_line(late) << "\n";
    }
    return output.too_big ? 3 : 0;
}
