#include "app.hpp"

int main(int argc, char** argv) { return static_cast<int>(tocsin::cli::run(argc, argv)); }
