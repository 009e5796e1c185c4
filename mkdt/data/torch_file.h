// What Python saved with torch.save: a tensor, or a dictionary of tensors and texts.
#pragma once

#include <filesystem>

#include <torch/types.h>

#include "mkdt/data/torch_dictionary.h"

namespace mkdt {

// The file is PyTorch's zip archive (written since version 1.6): the pickled tensor and the bytes
// of its storage, uncompressed, told apart by their place in it, whatever the file was called when
// it was saved. The tensor, on the CPU, may have any strides; its storage is in
// memory once. Throws Error naming the file for anything else: several tensors, the older format,
// an archive that is cut off or whose checksums are wrong, a tensor that repeats values (as
// expand() does) or does not lie in its storage. Of the pickle nothing is run
// (data/tensor_pickle.h). Bound: together the entries are no larger than the file.
torch::Tensor read_torch_tensor(const std::filesystem::path& path);

// A dictionary as mkdt exports encoders (data/dictionary_pickle.h); its tensors share the memory of
// their storages, of which there may be any number. Bounds and Error as above.
TorchDictionary read_torch_dictionary(const std::filesystem::path& path);

}  // namespace mkdt
