// make_corpus FOLDER: valid and nearly valid files, FOLDER/PARSER/NUMBER, for the fuzzers to begin
// with.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/fixtures/mutation.h"
#include "tests/fixtures/valid_files.h"

int main(int count, char** arguments) {
  constexpr uint64_t kMutated = 8;  // of each valid file
  if (count != 2) {
    std::fprintf(stderr, "make_corpus: expected one folder\n");
    return 2;
  }
  for (const auto& [parser, files] : mkdt::testing::valid_files()) {
    const std::filesystem::path folder = std::filesystem::path(arguments[1]) / parser;
    std::filesystem::create_directories(folder);
    int number = 0;
    const auto write = [&, &folder = folder](const std::string& bytes) {
      std::ofstream(folder / std::to_string(number++), std::ios::binary) << bytes;
    };
    for (const std::string& bytes : files) {
      write(bytes);
      for (uint64_t i = 0; i < kMutated; ++i) write(mkdt::testing::mutated(bytes, i));
    }
  }
}
