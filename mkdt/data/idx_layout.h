// Where the files of an IDX set lie, under the names that MNIST and its relatives have.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace mkdt {

struct IdxSplit {
  std::filesystem::path images;
  std::filesystem::path labels;
};

struct IdxLayout {
  std::string set;  // what the names begin with: "", "emnist-letters"
  IdxSplit train;
  std::optional<IdxSplit> test;
  // EMNIST's images are MNIST's with rows and columns exchanged.
  bool transposed() const { return set.rfind("emnist", 0) == 0; }
};

// Files are called [SET-]{train,t10k,test}-{images-idx3,labels-idx1}-ubyte[.gz], in any case, with
// dots or underscores for hyphens. They lie in `folder`; or each in a folder of such a name, as
// unpacked archives have it; or in raw/, gzip/ or NAME/raw/ below (torchvision's MNIST/raw). What
// is not compressed and has hyphens goes before others. Nothing where there are no training
// images; Error, which names the sets, where there are those of several, and Error that names the
// missing file where a split has no labels.
std::optional<IdxLayout> find_idx(const std::filesystem::path& folder);

}  // namespace mkdt
