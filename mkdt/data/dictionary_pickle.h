// The pickle of a dictionary of tensors and texts, as mkdt exports encoders.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "mkdt/data/tensor_pickle.h"

namespace mkdt {

struct DictionaryPickle {
  std::map<std::string, TensorPickle> tensors;
  std::map<std::string, std::string> texts;
  std::map<std::string, DictionaryPickle> dictionaries;
};

// Like parse_tensor_pickle it runs nothing: the pickle has to be the one that
// report/torch_archive.h writes. At most 16 MiB and three levels, with memory for up to eight times
// the pickle. Throws Error that says what came instead; it does not know the file's name.
DictionaryPickle parse_dictionary_pickle(std::string_view pickle);

}  // namespace mkdt
