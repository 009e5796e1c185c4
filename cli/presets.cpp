#include "cli/presets.h"

#include <algorithm>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "mkdt/base/options.h"
#include "mkdt/base/text.h"

namespace mkdt::cli {

namespace fs = std::filesystem;

namespace {

std::string first_comment(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  if (line.rfind('#', 0) != 0) return "";
  const size_t begin = line.find_first_not_of("# ");
  return begin == std::string::npos ? "" : line.substr(begin);
}

}  // namespace

std::optional<fs::path> presets_folder() {
  std::error_code error;
  const auto holds_presets = [&](const fs::path& folder) {
    return fs::exists(folder / "demo.toml", error);
  };
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    for (const char* place : {MKDT_PRESETS_FROM_PROGRAM, "../../../configs"}) {
      const fs::path folder = (program.parent_path() / place).lexically_normal();
      if (holds_presets(folder)) return folder;
    }
  }
  if (holds_presets("configs")) return "configs";
  return std::nullopt;
}

std::vector<Preset> presets() {
  std::vector<Preset> found;
  const auto folder = presets_folder();
  if (!folder) return found;
  for (const fs::directory_entry& entry : fs::directory_iterator(*folder)) {
    const fs::path& path = entry.path();
    if (path.extension() != ".toml") continue;
    found.push_back({path.stem().string(), path, first_comment(path)});
  }
  std::sort(found.begin(), found.end(),
            [](const Preset& a, const Preset& b) { return a.name < b.name; });
  return found;
}

std::optional<fs::path> preset_named(const std::string& name) {
  for (const Preset& preset : presets()) {
    if (preset.name == name) return preset.path;
  }
  return std::nullopt;
}

std::string no_preset(const std::string& name) {
  constexpr size_t kLongest = 100;  // bytes of a name that is shown
  std::vector<std::string> names;
  for (const Preset& preset : presets()) names.push_back(preset.name);
  const std::string nearest = nearest_name(name, names);
  return fmt::format("there is no preset '{}'; {}`mkdt presets` lists all",
                     printable(name, kLongest),
                     nearest.empty() ? "" : fmt::format("the nearest is '{}', and ", nearest));
}

}  // namespace mkdt::cli
