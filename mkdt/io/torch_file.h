// Reads and writes the files of Python's torch.save and torch.load: a tensor, or a dictionary of
// tensors and texts.
#pragma once

#include <filesystem>

#include <torch/types.h>

#include "mkdt/io/pickle.h"

namespace mkdt {

// Reads one tensor. The file is PyTorch's zip archive (written since version 1.6): the pickled
// tensor and the bytes of its storage, uncompressed, told apart by their place in it, whatever the
// file was called when it was saved. Nothing of the pickle is run (io/pickle.h). The tensor, on the
// CPU, may have any strides; its storage is in memory once. Throws Error naming the file for
// anything else: several tensors, the older format, an archive that is cut off or whose checksums
// are wrong, a tensor that repeats values (as expand() does) or does not lie in its storage. Bound:
// together the entries are no larger than the file.
torch::Tensor read_torch_tensor(const std::filesystem::path& path);

// Reads a dictionary as mkdt exports encoders (io/pickle.h). Its tensors share the memory of their
// storages, of which there may be any number. Bounds and Error are as above.
TorchDictionary read_torch_dictionary(const std::filesystem::path& path);

// Writes a file that Python's torch.load reads, with weights_only=True too: PyTorch's zip archive
// with a pickle that calls nothing but torch._utils._rebuild_tensor_v2 and collections.OrderedDict,
// and names no classes but those of storages. libtorch's own pickler names TorchScript's types,
// which weights_only (the default from PyTorch 2.6 on) refuses. Each tensor is contiguous and has a
// storage of its own. The file is written atomically; the same dictionary gives the same bytes.
// Throws Error naming `path`.
void write_torch_archive(const std::filesystem::path& path, const TorchDictionary& dictionary);

}  // namespace mkdt
