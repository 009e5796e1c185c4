// The state of a long computation in files that are believed only if they are whole.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "mkdt/base/observer.h"
#include "mkdt/io/safetensors.h"

namespace mkdt {

// The state of a long computation in a file to go on from: the last two are kept (previous_file.h),
// each with a checksum of its contents.

// Where, of what, and how often.
struct CheckpointPlan {
  std::filesystem::path path = {};  // empty: nowhere
  std::string key = {};             // what the state belongs to: options, inputs
  int64_t every = 0;                // steps; 0: however many
  double minutes = 0;               // 0: however long
};

// Whether a file is the state of something unfinished, by its name: "checkpoint…".
bool is_checkpoint(const std::filesystem::path& file);

class Checkpoints {
 public:
  explicit Checkpoints(CheckpointPlan plan);

  const std::filesystem::path& path() const { return plan_.path; }

  // Whether one should be written after `step` steps in all: because it is a multiple of `every`,
  // or `minutes` have passed since the last one.
  bool due(int64_t step) const;
  // Atomic; the newest one so far becomes the previous one. Adds key and checksum to the metadata.
  void write(TensorFile file);

  // Gives `restore` the newest whole file with this key, and if it throws Error, the one before;
  // what is wrong with a file is said as a warning. `restore` takes over all or nothing. False,
  // with a warning where there are files of another key, if none was taken over.
  bool resume(const std::function<void(const TensorFile&)>& restore, Observer& observer) const;

  // When the state is no longer needed.
  void remove() const;

 private:
  CheckpointPlan plan_;
  std::chrono::steady_clock::time_point last_;
};

// A checksum of all tensors and of the other metadata, in the metadata.
void put_checksum(TensorFile& file);
// Error naming the file if there is none or the contents are others.
void check_checksum(const TensorFile& file);

// Texts that are written again and again and must not be believed when they are damaged.

// Atomic: a line with the checksum of the text, then the text. The version before is kept.
void write_checked_text(const std::filesystem::path& path, const std::string& text);

// The text. Error naming the file if it cannot be read or its checksum is not that of its contents.
std::string checked_text(const std::filesystem::path& path);

// The newest version whose checksum is right; nothing if there is none. What is wrong with a
// version is said as a warning.
std::optional<std::string> read_checked_text(const std::filesystem::path& path, Observer& observer);

}  // namespace mkdt
