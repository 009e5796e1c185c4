// A dictionary of tensors and texts, as Python's torch.save keeps weights.
#pragma once

#include <map>
#include <string>

#include <torch/types.h>

namespace mkdt {

// A name stands in one of the three only.
struct TorchDictionary {
  std::map<std::string, torch::Tensor> tensors;  // of the types that data/tensor_pickle.h lists
  std::map<std::string, std::string> texts;      // UTF-8
  std::map<std::string, TorchDictionary> dictionaries;
};

}  // namespace mkdt
