// A tensor that Python saved with torch.save(tensor, path).
#pragma once

#include <filesystem>

#include <torch/types.h>

namespace mkdt {

// The file is PyTorch's zip archive (written since version 1.6): the pickled tensor and the bytes
// of its storage, uncompressed. The tensor, on the CPU, may have any strides; its storage is in
// memory once. Throws Error naming the file for anything else: several tensors, the older format,
// an archive that is cut off or whose checksums are wrong, a tensor that repeats values (as
// expand() does) or does not lie in its storage. Of the pickle nothing is run
// (data/tensor_pickle.h). Bound: together the entries are no larger than the file.
torch::Tensor read_torch_tensor(const std::filesystem::path& path);

}  // namespace mkdt
