#include "mkdt/data/row_names.h"

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/printable.h"
#include "mkdt/core/regular_file.h"

namespace mkdt {
namespace {

constexpr uint64_t kMaxRowNames = uint64_t{4} << 30;

// Whether the shorter path is the end of the longer one.
bool is_end_of(const std::string& one, const std::string& other) {
  const std::string& longer = one.size() < other.size() ? other : one;
  const std::string& shorter = one.size() < other.size() ? one : other;
  const size_t begin = longer.size() - shorter.size();
  return !shorter.empty() && longer.compare(begin, shorter.size(), shorter) == 0 &&
         (begin == 0 || longer[begin - 1] == '/');
}

std::string without_dot(const std::string& line) {
  return line.compare(0, 2, "./") == 0 ? line.substr(2) : line;
}

}  // namespace

std::filesystem::path row_names_file(const std::filesystem::path& rows) {
  return std::filesystem::path(rows) += ".names";
}

void check_row_names(const std::filesystem::path& file, const std::vector<std::string>& images) {
  std::istringstream lines(read_regular_file(file, kMaxRowNames));
  std::unordered_map<std::string, size_t> row_of;  // equal lines tell nothing of the order
  size_t row = 0;
  for (std::string line; std::getline(lines, line); ++row) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (row >= images.size()) continue;
    if (is_end_of(without_dot(line), images[row])) {
      const auto [other, is_new] = row_of.emplace(line, row);
      if (is_new) continue;
      throw Error(
          fmt::format("{}: lines {} and {} are both '{}', which tells nothing of their order; "
                      "write the folders of the images, too, as `mkdt data CONFIG --list` does",
                      file.string(), other->second + 1, row + 1, printable(line)));
    }
    throw Error(
        fmt::format("{}: line {} is '{}', but that row of the data set is '{}'; `mkdt data CONFIG "
                    "--list` prints the order of the rows",
                    file.string(), row + 1, printable(line), images[row]));
  }
  if (row != images.size()) {
    throw Error(fmt::format("{}: {} lines, but the data set has {} images", file.string(), row,
                            images.size()));
  }
}

}  // namespace mkdt
