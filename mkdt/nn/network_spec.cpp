#include "mkdt/nn/network_spec.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"
#include "mkdt/base/units.h"
#include "mkdt/nn/architectures/architecture.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/transformer_parts.h"

namespace mkdt {

const std::string& NetworkDescription::text(const std::string& key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    throw Error(fmt::format("the network's description has no '{}'", key));
  }
  return found->second;
}

int64_t NetworkDescription::integer(const std::string& key) const {
  const std::string& value = text(key);
  const std::optional<int64_t> number = parse_integer(value);
  if (number) return *number;
  throw Error(fmt::format("the network's '{}' is '{}', not an integer", key, value));
}

size_t NetworkDescription::choice(const std::string& key,
                                  const std::vector<std::string>& names) const {
  if (entries_.count(key) == 0) return 0;
  const std::string& value = text(key);
  const auto found = std::find(names.begin(), names.end(), value);
  if (found == names.end()) {
    throw Error(fmt::format("the network's '{}' is '{}', not one of {}", key, value,
                            fmt::join(names, ", ")));
  }
  return static_cast<size_t>(found - names.begin());
}

namespace {

using Entries = std::map<std::string, std::string>;

// Returns the settings that there are, with the published values.
Entries published(const std::string& architecture, int64_t image_size) {
  if (architecture == "convnet") {
    const ConvNetShape paper;
    const int64_t depth = image_size <= 32 ? 3 : image_size < kLargeImages ? 4 : 5;
    return {{"width", std::to_string(paper.width)},
            {"depth", std::to_string(depth)},
            {"norm", norm_names().front()},
            {"activation", activation_names().front()},
            {"pooling", pooling_names().front()}};
  }
  const Architecture& layered = layered_architecture(architecture);
  Entries entries = {{"width", std::to_string(layered.width(image_size))}};
  if (layered.patches) entries["patch"] = std::to_string(default_patch(image_size));
  return entries;
}

Entries parsed(const std::string& spec, int64_t image_size) {
  std::istringstream words(spec);
  std::string architecture;
  words >> architecture;
  const std::vector<std::string>& known = network_architectures();
  if (std::find(known.begin(), known.end(), architecture) == known.end()) {
    throw Error(fmt::format("network '{}': expected an architecture ({}) first, got '{}'", spec,
                            fmt::join(known, ", "), architecture));
  }
  Entries entries = published(architecture, image_size);
  std::vector<std::string> keys, seen;
  for (const auto& [key, value] : entries) keys.push_back(key);
  for (std::string word; words >> word;) {
    const size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const bool settable = entries.count(key) != 0;
    if (!settable || equals == std::string::npos || equals + 1 == word.size()) {
      throw Error(fmt::format("network '{}': expected settings such as {}=… ({} has {}), got '{}'",
                              spec, keys.back(), architecture, fmt::join(keys, ", "), word));
    }
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      throw Error(fmt::format("network '{}': {} is there twice", spec, key));
    }
    seen.push_back(key);
    entries[key] = word.substr(equals + 1);
  }
  entries["architecture"] = architecture;
  return entries;
}

std::string convnet_title(const NetworkDescription& entries) {
  std::vector<std::string> special;
  const auto add = [&](const char* key, const std::vector<std::string>& names, const char* noun) {
    const size_t choice = entries.choice(key, names);
    if (choice == 0) return;
    special.push_back((names[choice] == "none" ? "no" : names[choice]) + noun);
  };
  add("norm", norm_names(), " norm");
  add("activation", activation_names(), "");
  add("pooling", pooling_names(), " pooling");
  return fmt::format("convnet {}×{}{}{}", entries.integer("width"), entries.integer("depth"),
                     special.empty() ? "" : " ", fmt::join(special, ", "));
}

}  // namespace

NetworkPtr make_network_from_spec(const std::string& spec, int64_t channels, int64_t image_size,
                                  int64_t outputs) {
  Entries entries = parsed(spec, image_size);
  entries["channels"] = std::to_string(channels);
  entries["image_size"] = std::to_string(image_size);
  entries["outputs"] = std::to_string(outputs);
  return make_network(entries, fmt::format("network '{}'", spec));
}

std::string network_title(const Network& network) {
  const Entries description = network.describe();
  const NetworkDescription entries(description);
  const std::string& architecture = entries.text("architecture");
  if (architecture == "convnet") return convnet_title(entries);
  const Architecture& layered = layered_architecture(architecture);
  std::string title = architecture;
  const int64_t width = entries.integer("width");
  if (width != layered.width(network.image_size())) title += fmt::format(" width {}", width);
  if (layered.patches) title += fmt::format(" patch {}", entries.integer("patch"));
  return title;
}

}  // namespace mkdt
