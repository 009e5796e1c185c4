#include "mkdt/data/idx_layout.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/core/error.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

// What a file's name says.
struct IdxName {
  std::string set;
  std::string split;  // "train", "t10k" or "test"
  bool images = false;
  int rank = 0;  // among files that say the same: the lowest is taken
};

bool take_end(std::string& text, std::string_view end) {
  if (text.size() < end.size() || text.compare(text.size() - end.size(), end.size(), end) != 0) {
    return false;
  }
  text.resize(text.size() - end.size());
  return true;
}

std::optional<IdxName> parse_name(const std::string& file) {
  std::string text = file;
  for (char& letter : text) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  IdxName name;
  if (take_end(text, ".gz")) name.rank = 1;
  std::string hyphens = text;
  for (char& letter : hyphens) {
    if (letter == '.' || letter == '_') letter = '-';
  }
  if (hyphens != text) name.rank += 2;
  name.images = take_end(hyphens, "-images-idx3-ubyte");
  if (!name.images && !take_end(hyphens, "-labels-idx1-ubyte")) return std::nullopt;
  for (const char* split : {"train", "t10k", "test"}) {
    if (!take_end(hyphens, split)) continue;
    if (!hyphens.empty() && !take_end(hyphens, "-")) return std::nullopt;
    name.set = hyphens;
    name.split = split;
    return name;
  }
  return std::nullopt;
}

// By what their names say: set, split, images or labels.
using Key = std::tuple<std::string, std::string, bool>;
struct Found {
  int rank = 0;
  fs::path path;
};
using Files = std::map<Key, Found>;

void note(const IdxName& name, const fs::path& path, Files& files) {
  const auto [place, fresh] =
      files.try_emplace(Key(name.set, name.split, name.images), Found{name.rank, path});
  Found& found = place->second;
  if (!fresh && std::tie(name.rank, path) < std::tie(found.rank, found.path)) {
    found = {name.rank, path};
  }
}

void list_files(const fs::path& folder, bool and_folders, Files& files) {
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
    const auto name = parse_name(entry.path().filename().string());
    if (!name) continue;
    if (entry.is_regular_file(code)) note(*name, entry.path(), files);
    if (and_folders && entry.is_directory(code)) list_files(entry.path(), false, files);
  }
}

Files files_below(const fs::path& folder) {
  Files files;
  list_files(folder, true, files);
  std::error_code code;
  if (!files.empty()) return files;
  for (const char* name : {"raw", "gzip"}) list_files(folder / name, true, files);
  if (!files.empty()) return files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
    if (entry.is_directory(code)) list_files(entry.path() / "raw", true, files);
  }
  return files;
}

// The set with training images; one without a name goes before others.
std::optional<std::string> set_of(const Files& files, const fs::path& folder) {
  std::vector<std::string> sets;
  for (const auto& [key, found] : files) {
    const auto& [set, split, images] = key;
    if (split == "train" && images) sets.push_back(set);
  }
  if (sets.empty()) return std::nullopt;
  if (sets.size() == 1 || sets.front().empty()) return sets.front();
  throw Error(
      fmt::format("{}: it holds several sets of IDX files: {}; put the one that is wanted "
                  "into a folder of its own",
                  folder.string(), fmt::join(sets, ", ")));
}

std::optional<IdxSplit> find_split(const Files& files, const std::string& set,
                                   const std::string& split) {
  const auto images = files.find(Key(set, split, true));
  if (images == files.end()) return std::nullopt;
  const auto labels = files.find(Key(set, split, false));
  if (labels == files.end()) {
    throw Error(fmt::format("{}: no {}{}{}-labels-idx1-ubyte[.gz] beside it",
                            images->second.path.string(), set, set.empty() ? "" : "-", split));
  }
  return IdxSplit{images->second.path, labels->second.path};
}

}  // namespace

std::optional<IdxLayout> find_idx(const fs::path& folder) {
  const Files files = files_below(folder);
  const std::optional<std::string> set = set_of(files, folder);
  if (!set) return std::nullopt;
  IdxLayout layout;
  layout.set = *set;
  layout.train = *find_split(files, *set, "train");
  layout.test = find_split(files, *set, "t10k");
  if (!layout.test) layout.test = find_split(files, *set, "test");
  return layout;
}

}  // namespace mkdt
