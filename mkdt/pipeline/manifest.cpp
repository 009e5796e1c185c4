#include "mkdt/pipeline/manifest.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/core/inside_folder.h"
#include "mkdt/core/json_integer.h"
#include "mkdt/core/nesting.h"

namespace mkdt {
namespace {

using Json = nlohmann::ordered_json;

std::string change_of_option(const Entries& then, const Entries& now) {
  for (const auto& [key, value] : now) {
    const auto old = then.find(key);
    if (old == then.end()) return fmt::format("{} is new", key);
    if (old->second != value)
      return fmt::format("{} changed from {} to {}", key, old->second, value);
  }
  for (const auto& [key, value] : then) {
    if (now.count(key) == 0) return fmt::format("{} (was {}) no longer applies", key, value);
  }
  return "";
}

std::string change_of_input(const Entries& then, const Entries& now) {
  for (const auto& [name, checksum] : now) {
    const auto old = then.find(name);
    if (old == then.end()) return fmt::format("its input '{}' is new", name);
    if (old->second != checksum) return fmt::format("its input '{}' changed", name);
  }
  for (const auto& [name, checksum] : then) {
    if (now.count(name) == 0) return fmt::format("its input '{}' is gone", name);
  }
  return "";
}

}  // namespace

std::string Manifest::key() const {
  return checksum(Json{{"stage", stage}, {"options", options}, {"inputs", inputs}}.dump());
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
  if (manifest.peak_memory) json["peak_memory"] = *manifest.peak_memory;
  write_text_atomically(path, json.dump(2) + "\n");
}

std::string first_change(const Manifest& then, const Manifest& now) {
  const std::string option = change_of_option(then.options, now.options);
  return option.empty() ? change_of_input(then.inputs, now.inputs) : option;
}

}  // namespace mkdt
