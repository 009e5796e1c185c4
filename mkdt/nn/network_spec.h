// Networks as a configuration names them, and as tables do.
#pragma once

#include <cstdint>
#include <string>

#include "mkdt/nn/network.h"

namespace mkdt {

// An architecture of network_architectures() and settings, separated by blanks: "resnet10",
// "convnet width=64 depth=4 norm=group pooling=max", "vit-tiny patch=8". All have width; the
// convnet has depth, norm, activation and pooling, the vit-tiny patch. What is not set is as
// published: a convnet of width 128 and depth 3 up to 32 pixels, 4 below 96, 5 from there on; the
// others' defaults are in nn/architectures/. Error, one line that quotes the spec, for an unknown
// name or setting, one that is there twice, and values that the architecture cannot have.
NetworkPtr make_network_from_spec(const std::string& spec, int64_t channels, int64_t image_size,
                                  int64_t outputs);

// "convnet 128×3", "convnet 64×4 group norm, max pooling" (width × depth and what is not the
// paper's), "resnet10", "resnet10 width 16" (a width that is not the published one), "vit-tiny
// patch 4".
std::string network_title(const Network& network);

}  // namespace mkdt
