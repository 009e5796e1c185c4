// The pickle in which Python's torch.save describes one tensor: where its values lie and how they
// are arranged: torch._utils._rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad,
// hooks).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <torch/types.h>

namespace mkdt {

struct TensorPickle {
  torch::Dtype dtype;
  std::string storage;  // the name of the entry with its values
  int64_t offset = 0;   // of the first value, in values
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;  // as many
};

// A pickle is a program. This one is not run: it has to be, operation by operation, the one that
// describes a tensor, as Python's and C++'s PyTorch write it. At most 64 KiB and kMaxRank
// dimensions; numbers are as the file has them. Throws Error that says what came instead; it does
// not know the file's name.
TensorPickle parse_tensor_pickle(std::string_view pickle);

class PickleParser;

// The same where it is a part of a larger pickle; without the limit of bytes.
TensorPickle parse_tensor(PickleParser& parser);

// "FloatStorage": torch's class for the storage of such values. Assertion: one of the
// floating-point types, or of integers up to 64 bits, that NumPy has too, or bfloat16.
const char* storage_class(torch::Dtype dtype);

}  // namespace mkdt
