// Reads and writes the safetensors file format: named tensors and text metadata, which Python reads
// without us.
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
  std::map<std::string, std::string> passed_over;  // name → type, for types that are not known
  std::string origin;                              // the path it was read from, for messages

  // Throws Error naming the file if the entry is missing, or of a type that is not known.
  const torch::Tensor& tensor(const std::string& name) const;
  const std::string& text(const std::string& key) const;
  // Reads the metadata entry as a number. Throws Error if it is missing or malformed.
  int64_t integer(const std::string& key) const;
  double real(const std::string& key) const;
};

// Maps a file into memory: a tensor is read from disk when it is touched, and keeps the mapping
// alive. The tensors are private to the process; writing to them does not change the file. Throws
// Error for anything that is not a well-formed file, also where tensors overlap or bytes belong to
// none; tensors of types that are not known (U64, F8_E4M3, …) are passed over; nothing is allocated
// before the sizes and offsets are checked. Bounds: a header of 16 MiB and three levels, which
// takes up to 24 times its size in memory, and tensors of kMaxRank dimensions; those that are not
// aligned are copied, together no more than the file.
TensorFile read_safetensors(const std::filesystem::path& path);

// Writes a file atomically; the same contents give the same bytes.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

// The header's entry for a tensor.
struct TensorLayout {
  torch::Dtype dtype;
  std::vector<int64_t> shape;
};

// Returns how such a file begins, up to the values: its header with its length. `bytes` becomes how
// many bytes of values it announces, in the order of the tensors' names.
std::string safetensors_header(const std::map<std::string, TensorLayout>& tensors,
                               const std::map<std::string, std::string>& metadata, uint64_t& bytes);

// Writes the same bytes for tensors that are never in memory as a whole: `write` puts the values,
// in the order of the tensors' names, with write_values. Asserts as many bytes as the shapes need.
void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, TensorLayout>& tensors,
                       const std::map<std::string, std::string>& metadata,
                       const std::function<void(std::ostream&)>& write);

// Puts the raw values, row-major.
void write_values(std::ostream& stream, const torch::Tensor& tensor);

}  // namespace mkdt
