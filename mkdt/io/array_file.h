// Reads the one array of a file that other programs may have written.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <torch/types.h>

namespace mkdt {

struct ArrayFile {
  torch::Tensor values;  // of any shape, dtype and strides; memory-mapped but for .pt
  std::map<std::string, std::string> metadata;  // from .safetensors
};

// Reads a file by the ending of its name, in any case: .safetensors (the tensor called `name`, or
// the only one), .npy (io/npy.h), .pt or .pth (io/torch_file.h). Throws Error naming the file.
ArrayFile read_array(const std::filesystem::path& path, const std::string& name);

}  // namespace mkdt
