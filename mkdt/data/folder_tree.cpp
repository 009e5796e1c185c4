#include "mkdt/data/folder_tree.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/data/image_file.h"
#include "mkdt/data/own_folders.h"
#include "mkdt/data/png.h"

namespace mkdt {

std::string some_of(const std::vector<std::string>& texts, size_t most,
                    const std::string& separator) {
  std::string text;
  for (size_t i = 0; i < std::min(texts.size(), most); ++i) {
    text += (i == 0 ? "" : separator) + texts[i];
  }
  if (texts.size() > most) text += fmt::format(" and {} more", texts.size() - most);
  return text;
}

std::string some_names(const std::vector<std::string>& names, size_t most) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const std::string& name : names) quoted.push_back("'" + name + "'");
  return some_of(quoted, most);
}

namespace {

constexpr size_t kMostEndings = 8;  // of one message

// Tells whether an ending is that of a picture that is not read.
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

namespace fs = std::filesystem;
namespace {

constexpr int64_t kMaxFiles = 50'000'000;  // three times ImageNet-21k
constexpr int kMaxDepth = 16;              // links can make circles

// Tells whether a name is hidden or a system's, so that nobody put the file there.
bool is_left_behind(const std::string& name) {
  constexpr std::array<std::string_view, 9> kNames = {
      "Thumbs.db",    "ehthumbs.db", "desktop.ini",
      "__MACOSX",     "@eaDir",      "lost+found",
      "$RECYCLE.BIN", "__pycache__", "System Volume Information"};
  return name.front() == '.' || std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

class Scanner {
 public:
  FolderScan scan(const fs::path& root) {
    const std::string own = own_folder_kind(root);
    if (!own.empty()) {
      throw Error(
          fmt::format("{}: {}, which is never read as data; name the folder with the images",
                      root.string(), own));
    }
    scan_.tree.path = root;
    read(scan_.tree, 0);
    return std::move(scan_);
  }

 private:
  void read(FolderTree& folder, int depth) {
    if (depth > kMaxDepth) {
      throw Error(fmt::format("{}: more than {} folders deep", folder.path.string(), kMaxDepth));
    }
    try {
      for (const auto& entry : fs::directory_iterator(folder.path)) add(entry, folder);
    } catch (const fs::filesystem_error& error) {
      throw Error(fmt::format("{}: cannot list: {}", folder.path.string(), error.code().message()));
    }
    std::sort(folder.images.begin(), folder.images.end());
    std::sort(folder.folders.begin(), folder.folders.end(),
              [](const FolderTree& a, const FolderTree& b) { return a.path < b.path; });
    images_ += static_cast<int64_t>(folder.images.size());
    if (images_ > kMaxFiles) {
      throw Error(fmt::format("{}: more than {} images", folder.path.string(), kMaxFiles));
    }
    read_inner(folder, depth);
  }

  // Reads a folder below. One that held nothing but mkdt's own files is no part of the set.
  void read_inner(FolderTree& folder, int depth) {
    std::vector<FolderTree> kept;
    for (FolderTree& inner : folder.folders) {
      const size_t own = own_count();
      read(inner, depth + 1);
      if (own_count() == own || inner.image_count() > 0) kept.push_back(std::move(inner));
    }
    folder.folders = std::move(kept);
  }

  size_t own_count() const {
    return scan_.passed_over.folders.size() + static_cast<size_t>(scan_.passed_over.own_pictures);
  }

  void add(const fs::directory_entry& entry, FolderTree& folder) {
    const fs::path& path = entry.path();
    if (is_left_behind(path.filename().string())) return;
    std::error_code code;
    if (entry.is_directory(code)) {
      if (own_folder_kind(path).empty()) {
        folder.folders.push_back({path, {}, {}});
      } else {
        scan_.passed_over.folders.push_back(path);
      }
      return;
    }
    const std::string ending = ending_of(path);
    if (!entry.is_regular_file(code)) {
      // A link without an ending may be meant for a folder of images.
      if (is_image_ending(ending) || (ending.empty() && entry.is_symlink(code))) {
        scan_.unreadable.push_back({path, reason_of(entry)});
      } else {
        scan_.passed_over.add_file(path);
      }
    } else if (!is_image_ending(ending)) {
      scan_.passed_over.add_file(path);
    } else if (ending == ".png" && is_marked_picture(path)) {
      ++scan_.passed_over.own_pictures;
    } else {
      folder.images.push_back(path);
    }
  }

  static std::string reason_of(const fs::directory_entry& entry) {
    std::error_code code;
    const fs::path target = fs::read_symlink(entry.path(), code);
    if (code) return "not a regular file";
    const fs::file_status status = fs::status(entry.path(), code);
    const std::string what = status.type() == fs::file_type::not_found ? "which is not there"
                             : code                                    ? code.message()
                                                                       : "not a regular file";
    return fmt::format("a link to '{}', {}", target.string(), what);
  }

  FolderScan scan_;
  int64_t images_ = 0;
};

}  // namespace

int64_t FolderTree::image_count() const {
  auto count = static_cast<int64_t>(images.size());
  for (const FolderTree& inner : folders) count += inner.image_count();
  return count;
}

const FolderTree* FolderTree::folder(const std::string& name) const {
  const auto found = std::find_if(folders.begin(), folders.end(),
                                  [&](const FolderTree& inner) { return inner.name() == name; });
  return found == folders.end() ? nullptr : &*found;
}

FolderScan scan_folder(const fs::path& root) { return Scanner().scan(root); }

}  // namespace mkdt
