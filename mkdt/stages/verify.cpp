#include "mkdt/stages/verify.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/io/checkpoint.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/folders.h"
#include "mkdt/run/manifest.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> files;
  for (const fs::path& file : files_below(folder)) {
    if (!fs::is_symlink(file)) files.push_back(fs::relative(file, folder).generic_string());
  }
  return files;
}

std::optional<Manifest> read_if_whole(const fs::path& path) {
  try {
    return read_manifest(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Returns the outputs of all stages: path → checksum.
Entries recorded_outputs(const fs::path& folder, const std::vector<std::string>& files) {
  Entries outputs;
  for (const std::string& file : files) {
    if (fs::path(file).filename() != kManifestFile) continue;
    if (const auto manifest = read_if_whole(folder / file)) {
      outputs.insert(manifest->outputs.begin(), manifest->outputs.end());
    }
  }
  return outputs;
}

// Judges, by its contents, a file that no manifest names: a manifest, a checkpoint, or a finished
// expert of a stage that is not finished.
FileState state_of_other(const fs::path& path) {
  const bool checkpoint = is_checkpoint(path);
  try {
    if (path.filename() == kManifestFile) {
      return read_manifest(path) ? FileState::kUnchecked : FileState::kDamaged;
    }
    if (checkpoint && path.extension() == ".json") {
      checked_text(path);
      return FileState::kWhole;
    }
    if (path.extension() != ".safetensors") return FileState::kUnchecked;
    const TensorFile file = read_safetensors(path);
    if (!checkpoint && file.metadata.count("checksum") == 0) return FileState::kUnchecked;
    check_checksum(file);
    return FileState::kWhole;
  } catch (const Error&) {
    return FileState::kDamaged;
  }
}

FileState state_of_output(const fs::path& path, const std::string& recorded) {
  if (!fs::exists(path)) return FileState::kMissing;
  try {
    return file_checksum(path) == recorded ? FileState::kWhole : FileState::kDamaged;
  } catch (const Error&) {
    return FileState::kDamaged;
  }
}

}  // namespace

std::vector<VerifiedFile> verify_run(const fs::path& folder, Observer& observer) {
  if (!fs::is_directory(folder)) {
    throw Error(fmt::format("{}: no such folder", folder.string()));
  }
  std::map<std::string, FileState> states;
  for (const std::string& file : files_in(folder)) states[file] = FileState::kUnchecked;
  std::vector<std::string> present;
  present.reserve(states.size());
  for (const auto& [file, state] : states) present.push_back(file);
  const Entries outputs = recorded_outputs(folder, present);
  for (const auto& [file, sum] : outputs) states[file] = FileState::kMissing;

  std::vector<VerifiedFile> verified;
  observer.begin("verify", static_cast<int64_t>(states.size()), "files");
  for (const auto& [file, state] : states) {
    VerifiedFile entry = {file, state};
    if (const auto output = outputs.find(file); output != outputs.end()) {
      entry.state = state_of_output(folder / file, output->second);
    } else {
      entry.state = state_of_other(folder / file);
    }
    verified.push_back(entry);
    observer.advance(static_cast<int64_t>(verified.size()), "");
    throw_if_stopped(observer);
  }
  observer.end();
  const bool none = std::all_of(verified.begin(), verified.end(), [](const VerifiedFile& file) {
    return file.state == FileState::kUnchecked;
  });
  if (none) {
    throw Error(
        fmt::format("{}: no finished stage and no checkpoint in this folder", folder.string()));
  }
  return verified;
}

}  // namespace mkdt
