// Reads and writes networks as configurations, tables and files name them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mkdt/nn/network.h"

namespace mkdt {

// Reads the entries by which a file describes a network, with checks.
class NetworkDescription {
 public:
  // `entries` outlive it.
  explicit NetworkDescription(const std::map<std::string, std::string>& entries)
      : entries_(entries) {}

  // Each throws Error naming the key if the entry is missing or is no such value.
  const std::string& text(const std::string& key) const;
  int64_t integer(const std::string& key) const;
  // Returns the index of the entry among `names`; 0 if there is no such entry, since older files
  // have none.
  size_t choice(const std::string& key, const std::vector<std::string>& names) const;

 private:
  const std::map<std::string, std::string>& entries_;
};

// Builds a network from an architecture of network_architectures() and settings, separated by
// blanks: "resnet10", "convnet width=64 depth=4 norm=group pooling=max", "vit-tiny patch=8". All
// have width; the convnet has depth, norm, activation and pooling, the vit-tiny patch. Settings
// that are not named are as published: a convnet has width 128 and depth 3 up to 32 pixels, 4 below
// 96, 5 from there on; the others' defaults are in nn/architectures/. Throws Error, one line that
// quotes the spec, for an unknown name or setting, one that is there twice, and values that the
// architecture cannot have.
NetworkPtr make_network_from_spec(const std::string& spec, int64_t channels, int64_t image_size,
                                  int64_t outputs);

// Names a network for tables: "convnet 128×3", "convnet 64×4 group norm, max pooling" (width ×
// depth and where it differs from the paper), "resnet10", "resnet10 width 16" (a width that is not
// the published one), "vit-tiny patch 4".
std::string network_title(const Network& network);

}  // namespace mkdt
