// Reads and writes a pre-trained encoder: an architecture with its parameters.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/io/safetensors.h"
#include "mkdt/nn/network.h"

namespace mkdt {

struct Encoder {
  NetworkPtr network;
  torch::Tensor theta;                            // float32 [P]
  std::map<std::string, std::string> provenance;  // what it was trained on, and how
  // Pixels, divided by 255, are shifted and divided by these, one value a channel; empty where a
  // file of an earlier version does not say.
  std::vector<float> mean, std;
};

// Writes a safetensors file with one tensor a parameter, by its name in the layout; the
// architecture, mean and std ("0.5,0.25,0.125") and the provenance are metadata.
void write_encoder(const std::filesystem::path& path, const Encoder& encoder);
// Throws Error naming `path` if it is not an encoder, a parameter has another shape, or mean and
// std are there and no numbers for its channels.
Encoder read_encoder(const std::filesystem::path& path);

// Convert between an encoder and the contents of its file.
Encoder encoder_of(const TensorFile& file);
std::map<std::string, std::string> metadata_of(const Encoder& encoder);

// Tells whether such metadata is an encoder's.
bool is_encoder(const std::map<std::string, std::string>& metadata);

}  // namespace mkdt
