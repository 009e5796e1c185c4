// A file that Python's torch.load reads, with weights_only=True too: tensors and texts by name.
#pragma once

#include <filesystem>

#include "mkdt/data/torch_dictionary.h"

namespace mkdt {

// PyTorch's zip archive: a pickle that calls nothing but torch._utils._rebuild_tensor_v2 and
// collections.OrderedDict, and names no classes but those of storages. libtorch's own pickler names
// TorchScript's types, which weights_only (the default from PyTorch 2.6 on) refuses. Each tensor is
// contiguous and has a storage of its own. Atomic; the same dictionary gives the same bytes. Throws
// Error naming `path`.
void write_torch_archive(const std::filesystem::path& path, const TorchDictionary& dictionary);

}  // namespace mkdt
