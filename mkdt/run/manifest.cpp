#include "mkdt/run/manifest.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/folders.h"
#include "mkdt/io/json.h"

namespace mkdt {
namespace {

using Json = nlohmann::ordered_json;

void add_changed_options(const Entries& then, const Manifest& made_now,
                         std::vector<Change>& found) {
  const Entries& now = made_now.options;
  for (const auto& [key, value] : now) {
    const auto old = then.find(key);
    if (old == then.end()) {
      if (made_now.later.count(key) != 0) continue;
      found.push_back({key, fmt::format("{} is new", key), ""});
    } else if (old->second != value) {
      found.push_back(
          {key, fmt::format("{} changed from {} to {}", key, old->second, value), old->second});
    }
  }
  for (const auto& [key, value] : then) {
    if (now.count(key) != 0) continue;
    found.push_back({key, fmt::format("{} (was {}) no longer applies", key, value), ""});
  }
}

void add_changed_inputs(const Entries& then, const Entries& now, std::vector<Change>& found) {
  for (const auto& [name, checksum] : now) {
    const auto old = then.find(name);
    if (old == then.end()) {
      found.push_back({name, fmt::format("its input '{}' is new", name), ""});
    } else if (old->second != checksum) {
      found.push_back({name, fmt::format("its input '{}' changed", name), ""});
    }
  }
  for (const auto& [name, checksum] : then) {
    if (now.count(name) != 0) continue;
    found.push_back({name, fmt::format("its input '{}' is gone", name), ""});
  }
}

}  // namespace

std::string Manifest::key() const {
  Entries known = options;
  for (const std::string& option : later) known.erase(option);
  return checksum(Json{{"stage", stage}, {"options", known}, {"inputs", inputs}}.dump());
}

void find_later_options(Manifest& now, const Manifest& then, const Entries& defaults) {
  now.later.clear();
  for (const auto& [key, value] : now.options) {
    const auto old = then.options.find(key);
    if (old == then.options.end()) {
      const auto standard = defaults.find(key);
      if (standard != defaults.end() && standard->second == value) now.later.insert(key);
    } else if (then.later.count(key) != 0 && old->second == value) {
      now.later.insert(key);
    }
  }
}

std::optional<Manifest> read_manifest(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  try {
    const auto json = nlohmann::json::parse(read_json_text(path));
    Manifest manifest;
    manifest.stage = json.at("stage").get<std::string>();
    manifest.version = json.at("version").get<std::string>();
    manifest.options = json.at("options").get<Entries>();
    manifest.inputs = json.at("inputs").get<Entries>();
    manifest.outputs = json.at("outputs").get<Entries>();
    manifest.seconds = json.at("seconds").get<double>();
    if (json.contains("later")) manifest.later = json["later"].get<std::set<std::string>>();
    if (json.contains("sizes")) {
      for (const auto& [file, size] : json["sizes"].items()) {
        manifest.sizes[file] = json_integer(size);
      }
    }
    if (json.contains("peak_memory")) manifest.peak_memory = json_integer(json["peak_memory"]);
    const auto leads_outside = [](const auto& output) { return !stays_inside(output.first); };
    const Entries& outputs = manifest.outputs;
    if (std::any_of(outputs.begin(), outputs.end(), leads_outside)) return std::nullopt;
    return manifest;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

void write_manifest(const std::filesystem::path& path, const Manifest& manifest) {
  Json json = {{"stage", manifest.stage},     {"version", manifest.version},
               {"seconds", manifest.seconds}, {"options", manifest.options},
               {"inputs", manifest.inputs},   {"outputs", manifest.outputs}};
  if (!manifest.later.empty()) json["later"] = manifest.later;
  if (!manifest.sizes.empty()) json["sizes"] = manifest.sizes;
  if (manifest.peak_memory) json["peak_memory"] = *manifest.peak_memory;
  write_text_atomically(path, json.dump(2) + "\n");
}

std::vector<Change> changes(const Manifest& then, const Manifest& now) {
  std::vector<Change> found;
  add_changed_options(then.options, now, found);
  add_changed_inputs(then.inputs, now.inputs, found);
  return found;
}

}  // namespace mkdt
