// What a reader of image folders did not read, counted by endings.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mkdt/data/notes.h"

namespace mkdt {

struct PassedOver {
  std::map<std::string, int64_t> files;        // by ending, in small letters; "" for none
  int64_t own_pictures = 0;                    // with mkdt's mark
  std::vector<std::filesystem::path> folders;  // that mkdt wrote, not looked into

  void add_file(const std::filesystem::path& path);
  // "300 files passed over: 150 .webp, 150 .bmp", and the like of what mkdt wrote; nothing if
  // there is nothing. A warning where there are pictures among them.
  std::vector<Note> notes(const std::filesystem::path& root) const;
};

}  // namespace mkdt
