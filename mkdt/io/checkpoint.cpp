#include "mkdt/io/checkpoint.h"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kChecksum = "checksum";
constexpr const char* kKey = "key";

std::string contents_checksum(const TensorFile& file) {
  std::string text;
  for (const auto& [name, tensor] : file.tensors) {
    text += fmt::format("{} {} {}\n", name.size(), name, checksum(tensor));
  }
  for (const auto& [key, value] : file.metadata) {
    if (key != kChecksum) text += fmt::format("{} {} {}\n", key.size(), key, value);
  }
  return checksum(text);
}

void remove_file(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

}  // namespace

void put_checksum(TensorFile& file) { file.metadata[kChecksum] = contents_checksum(file); }

void check_checksum(const TensorFile& file) {
  const std::string found = contents_checksum(file);
  if (file.text(kChecksum) == found) return;
  throw Error(fmt::format("{}: damaged: its checksum is {}, its contents have {}", file.origin,
                          file.text(kChecksum), found));
}

bool is_checkpoint(const fs::path& file) {
  return file.filename().string().rfind("checkpoint", 0) == 0;
}

Checkpoints::Checkpoints(CheckpointPlan plan)
    : plan_(std::move(plan)), last_(std::chrono::steady_clock::now()) {}

bool Checkpoints::due(int64_t step) const {
  if (plan_.path.empty()) return false;
  if (plan_.every > 0 && step % plan_.every == 0) return true;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - last_;
  return plan_.minutes > 0 && passed.count() >= 60 * plan_.minutes;
}

void Checkpoints::write(TensorFile file) {
  if (plan_.path.empty()) return;
  file.metadata[kKey] = plan_.key;
  put_checksum(file);
  write_next_version(plan_.path, [&](const fs::path& next) { write_safetensors(next, file); });
  last_ = std::chrono::steady_clock::now();
}

bool Checkpoints::resume(const std::function<void(const TensorFile&)>& restore,
                         Observer& observer) const {
  if (plan_.path.empty()) return false;
  bool others = false, damaged = false;
  for (const fs::path& path : {plan_.path, previous_of(plan_.path)}) {
    if (!fs::exists(path)) continue;
    try {
      const TensorFile file = read_safetensors(path);
      check_checksum(file);
      if (file.text(kKey) != plan_.key) {
        others = true;
        continue;
      }
      restore(file);
      if (path != plan_.path) {
        observer.warn(fmt::format("resumes from the checkpoint before, '{}'", path.string()));
        if (damaged) remove_file(plan_.path);  // lest it become the one before
      }
      return true;
    } catch (const Error& error) {
      observer.warn(fmt::format("a checkpoint that cannot be used: {}", error.what()));
      damaged = true;
    }
  }
  if (others) {
    observer.warn(fmt::format("{}: belongs to other options, inputs or seed; starting over",
                              plan_.path.string()));
  }
  return false;
}

void Checkpoints::remove() const {
  remove_file(plan_.path);
  remove_file(previous_of(plan_.path));
}

namespace {

constexpr const char* kPrefix = "xxh3 ";

std::string first_line(const std::string& text) {
  return fmt::format("{}{}\n", kPrefix, checksum(text));
}

}  // namespace

std::string checked_text(const fs::path& path) {
  const std::string contents = read_text(path);
  const size_t end = contents.find('\n');
  const std::string text = end == std::string::npos ? "" : contents.substr(end + 1);
  if (contents.substr(0, end + 1) == first_line(text)) return text;
  throw Error(fmt::format("{}: damaged: its checksum is not that of its contents", path.string()));
}

void write_checked_text(const fs::path& path, const std::string& text) {
  write_next_version(
      path, [&](const fs::path& next) { write_text_atomically(next, first_line(text) + text); });
}

std::optional<std::string> read_checked_text(const fs::path& path, Observer& observer) {
  for (const fs::path& version : {path, previous_of(path)}) {
    if (!fs::exists(version)) continue;
    try {
      std::string text = checked_text(version);
      if (version != path) {
        observer.warn(fmt::format("resumes from '{}'", version.string()));
        std::error_code ignored;
        fs::remove(path, ignored);  // lest it become the version before
      }
      return text;
    } catch (const Error& error) {
      observer.warn(error.what());
    }
  }
  return std::nullopt;
}

}  // namespace mkdt
