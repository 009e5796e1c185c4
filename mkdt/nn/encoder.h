// A pre-trained encoder: an architecture with its parameters, as a file.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <torch/types.h>

#include "mkdt/nn/network.h"

namespace mkdt {

struct Encoder {
  NetworkPtr network;
  torch::Tensor theta;                            // float32 [P]
  std::map<std::string, std::string> provenance;  // what it was trained on, and how
};

// A safetensors file with one tensor a parameter, by its name in the layout; the architecture and
// the provenance are metadata.
void write_encoder(const std::filesystem::path& path, const Encoder& encoder);
// Error naming `path` if it is not an encoder or a parameter has another shape.
Encoder read_encoder(const std::filesystem::path& path);

}  // namespace mkdt
