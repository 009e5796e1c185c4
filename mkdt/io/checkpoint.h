// Keeps the state of a long computation, or a text that is written again and again, in files that
// are believed only if they are whole: each has a checksum of its contents, and the version before
// stays beside it (io/durable_file.h).
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

// Says where checkpoints are kept, which computation they belong to, and how often they are
// written.
struct CheckpointPlan {
  std::filesystem::path path = {};  // empty: nowhere
  std::string key = {};             // what the state belongs to: options, inputs
  int64_t every = 0;                // steps; 0: however many
  double minutes = 0;               // 0: however long
};

// Tells by its name whether a file is the state of something unfinished: "checkpoint…".
bool is_checkpoint(const std::filesystem::path& file);

class Checkpoints {
 public:
  explicit Checkpoints(CheckpointPlan plan);

  const std::filesystem::path& path() const { return plan_.path; }

  // Tells whether a checkpoint should be written after `step` steps in all: because it is a
  // multiple of `every`, or `minutes` have passed since the last one.
  bool due(int64_t step) const;
  // Writes a checkpoint atomically; the newest one so far becomes the previous one. Adds key and
  // checksum to the metadata.
  void write(TensorFile file);

  // Gives `restore` the newest whole file with this key, and if it throws Error, the one before; it
  // warns of a file that is damaged. `restore` takes over all or nothing. Returns false, with a
  // warning where there are files of another key, if none was taken over.
  bool resume(const std::function<void(const TensorFile&)>& restore, Observer& observer) const;

  // Removes the files when the state is no longer needed.
  void remove() const;

 private:
  CheckpointPlan plan_;
  std::chrono::steady_clock::time_point last_;
};

// Puts a checksum of all tensors and of the other metadata into the metadata.
void put_checksum(TensorFile& file);
// Throws Error naming the file if it has no checksum or the contents are others.
void check_checksum(const TensorFile& file);

// Writes a line with the checksum of the text, then the text, atomically. The version before is
// kept.
void write_checked_text(const std::filesystem::path& path, const std::string& text);

// Returns the text. Throws Error naming the file if it cannot be read or its checksum is not that
// of its contents.
std::string checked_text(const std::filesystem::path& path);

// Returns the newest version whose checksum is right; nothing if there is none. It warns of a
// version that is damaged.
std::optional<std::string> read_checked_text(const std::filesystem::path& path, Observer& observer);

}  // namespace mkdt
