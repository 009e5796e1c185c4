#include "mkdt/data/passed_over.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "mkdt/data/image_ending.h"
#include "mkdt/data/some_names.h"

namespace mkdt {
namespace {

constexpr size_t kMostEndings = 8;  // of a message

// Endings of pictures that are not read.
bool is_picture(const std::string& ending) {
  constexpr std::array<std::string_view, 22> kEndings = {
      ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".heic", ".heif", ".jxl", ".jp2", ".jfif",
      ".pgm",  ".ppm", ".pnm", ".tga", ".dng",  ".cr2",  ".nef",  ".arw",  ".ico", ".svg", ".jpe"};
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

std::string file_count(int64_t count) {
  return fmt::format("{} file{}", count, count == 1 ? "" : "s");
}

}  // namespace

void PassedOver::add_file(const std::filesystem::path& path) { ++files[ending_of(path)]; }

std::vector<Note> PassedOver::notes(const std::filesystem::path& root) const {
  std::vector<Note> notes;
  std::vector<std::pair<int64_t, std::string>> sorted;
  int64_t total = 0;
  bool pictures = false;
  for (const auto& [ending, count] : files) {
    sorted.emplace_back(-count, ending);
    total += count;
    pictures = pictures || is_picture(ending);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::string> counts;
  for (const auto& [count, ending] : sorted) {
    counts.push_back(fmt::format("{} {}", -count, ending.empty() ? "without ending" : ending));
  }
  if (total > 0) {
    notes.push_back({fmt::format("{}: {} passed over: {}; images are .jpg, .jpeg and .png files",
                                 root.string(), file_count(total), some_of(counts, kMostEndings)),
                     pictures});
  }
  if (own_pictures > 0) {
    notes.push_back({fmt::format("{}: {} passed over that mkdt wrote (sheets or exports)",
                                 root.string(), file_count(own_pictures))});
  }
  if (!folders.empty()) {
    std::vector<std::string> names;
    for (const auto& folder : folders) names.push_back(folder.string());
    notes.push_back({fmt::format("{}: passed over, as mkdt wrote {}: {}", root.string(),
                                 names.size() == 1 ? "it" : "them", some_names(names))});
  }
  return notes;
}

}  // namespace mkdt
