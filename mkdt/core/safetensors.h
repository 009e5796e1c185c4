// The safetensors file format: named tensors and text metadata, readable from Python without us.
// https://huggingface.co/docs/safetensors: 8 bytes little-endian header length, a JSON header
// {name: {dtype, shape, data_offsets}, "__metadata__": {text: text}}, then the raw values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include <torch/types.h>

namespace mkdt {

struct TensorFile {
  std::map<std::string, torch::Tensor> tensors;
  std::map<std::string, std::string> metadata;
  std::string origin;  // the path it was read from, for messages

  // Error naming the file if the entry is missing.
  const torch::Tensor& tensor(const std::string& name) const;
  const std::string& text(const std::string& key) const;
  // The metadata entry as a number; Error if it is missing or malformed.
  int64_t integer(const std::string& key) const;
  double real(const std::string& key) const;
};

// Memory-mapped: a tensor is read from disk when it is touched, and keeps the mapping alive.
// The tensors are private to the process; writing to them does not change the file.
// Throws Error for anything that is not a well-formed file; nothing is allocated before the sizes
// and offsets are checked.
TensorFile read_safetensors(const std::filesystem::path& path);

// Atomic; the same contents give the same bytes.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace mkdt
