// A safetensors file whose values come piece by piece, in any order, over several runs of the
// program if need be.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include <torch/types.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/io/safetensors.h"

namespace mkdt {

// The file cannot be written: no room, no permission, no locks.
class CannotGrow : public Error {
 public:
  using Error::Error;
};

// Writes NAME.partial beside `path`, which gets its name when it is whole. What was written stays
// there until the next object for the same tensors and metadata goes on with it; a process that is
// killed loses nothing but the piece in work. After a power cut pieces may be missing that were
// written: keep checksums of them.
class GrowingTensorFile {
 public:
  // Takes the place on the disk at once. While another process writes the same file (flock), waits,
  // and says so, until that has finished it or is gone. Throws CannotGrow naming the file, and
  // Stopped once the observer wants to stop.
  GrowingTensorFile(std::filesystem::path path, const std::map<std::string, TensorLayout>& tensors,
                    const std::map<std::string, std::string>& metadata, Observer& observer);
  GrowingTensorFile(const GrowingTensorFile&) = delete;
  GrowingTensorFile& operator=(const GrowingTensorFile&) = delete;
  ~GrowingTensorFile();

  // Tells whether the whole file is there, for these tensors and metadata. Then there is nothing to
  // write.
  bool is_finished() const { return descriptor_ < 0; }

  // Writes or reads whole rows of a tensor from row `first` on. Rows that were never written are
  // zero. May be called by several threads, for different rows. Throws CannotGrow.
  void write(const std::string& tensor, int64_t first, const torch::Tensor& rows) const;
  torch::Tensor read(const std::string& tensor, int64_t first, int64_t count) const;

  // Brings it to the disk and gives it its name.
  void finish();

 private:
  struct Place {
    uint64_t offset;    // of the first row in the file
    uint64_t row_size;  // bytes
    TensorLayout layout;
  };

  bool try_to_open();
  void begin(const std::string& header, uint64_t size);
  [[noreturn]] void fail(const std::string& what, int code) const;

  std::filesystem::path path_, partial_;
  std::map<std::string, Place> places_;
  int descriptor_ = -1;
};

}  // namespace mkdt
