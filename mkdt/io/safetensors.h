// The safetensors file format: named tensors and text metadata, readable from Python without us.
// https://huggingface.co/docs/safetensors: 8 bytes little-endian header length, a JSON header
// {name: {dtype, shape, data_offsets}, "__metadata__": {text: text}}, then the raw values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

struct TensorFile {
  std::map<std::string, torch::Tensor> tensors;
  std::map<std::string, std::string> metadata;
  std::map<std::string, std::string> passed_over;  // tensors of types that are not known: the types
  std::string origin;                              // the path it was read from, for messages

  // Error naming the file if the entry is missing, or of a type that is not known.
  const torch::Tensor& tensor(const std::string& name) const;
  const std::string& text(const std::string& key) const;
  // The metadata entry as a number; Error if it is missing or malformed.
  int64_t integer(const std::string& key) const;
  double real(const std::string& key) const;
};

// Memory-mapped: a tensor is read from disk when it is touched, and keeps the mapping alive.
// The tensors are private to the process; writing to them does not change the file.
// Throws Error for anything that is not a well-formed file, also where tensors overlap or bytes
// belong to none; tensors of types that are not known (U64, F8_E4M3, …) are passed over; nothing is
// allocated before the sizes and offsets are checked. Bounds: a header
// of 16 MiB and three levels, which takes up to 24 times its size in memory, and tensors of
// kMaxRank dimensions; those that are not aligned are copied, together no more than the file.
TensorFile read_safetensors(const std::filesystem::path& path);

// Atomic; the same contents give the same bytes.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

// What the header says of a tensor.
struct TensorLayout {
  torch::Dtype dtype;
  std::vector<int64_t> shape;
};

// The same bytes for tensors that are never in memory as a whole: `write` puts the values, in the
// order of the tensors' names, with write_values. Assertion: as many bytes as the shapes need.
void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, TensorLayout>& tensors,
                       const std::map<std::string, std::string>& metadata,
                       const std::function<void(std::ostream&)>& write);

// The raw values, row-major.
void write_values(std::ostream& stream, const torch::Tensor& tensor);

}  // namespace mkdt
