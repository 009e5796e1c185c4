#include "mkdt/pipeline/check_resources.h"

#include <filesystem>

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include "mkdt/core/block_cache.h"
#include "mkdt/core/byte_text.h"
#include "mkdt/core/error.h"
#include "mkdt/core/files_below.h"
#include "mkdt/core/peak_memory.h"
#include "mkdt/pipeline/stage_estimate.h"

namespace mkdt {
namespace {

constexpr int64_t kSpareDisk = 1 << 20;  // bytes, for the journal and manifests

}  // namespace

std::string advice(const Config& config, const std::string& key) {
  for (const Option& option : config.table.options()) {
    // Zeros stand for "all" or "the architecture's own".
    if (option.key() == key && option.value() == "0") return fmt::format("set {}", key);
    if (option.key() == key) return fmt::format("lower {} ({})", key, option.value());
  }
  return "";
}

std::string shortage_of_memory(const StageEstimate& estimate, const AvailableMemory& available) {
  // What the process has already is no longer available.
  const int64_t more = estimate.memory - resident_memory();
  if (more <= available.bytes) return "";
  return fmt::format("needs about {} of memory, {} more than now, and {} are available ({})",
                     byte_text(estimate.memory), byte_text(more), byte_text(available.bytes),
                     available.origin);
}

std::string shortage_of_disk(const Run& run, int64_t disk, int64_t there, int64_t available) {
  const int64_t more = disk + kSpareDisk - there;
  if (more <= available) return "";
  return fmt::format("writes up to {}, and {} are free in '{}'", byte_text(more),
                     byte_text(available), run.folder().string());
}

int64_t bytes_there(const Run& run, const std::string& stage) {
  const std::filesystem::path folder = run.folder() / stage;
  if (!std::filesystem::is_directory(folder)) return 0;
  int64_t bytes = 0;
  for (const std::filesystem::path& file : files_below(folder)) {
    bytes += static_cast<int64_t>(std::filesystem::file_size(file));
  }
  return bytes;
}

void check_resources(Run& run, const Stage& stage) {
  if (!run.config().runtime.check_resources || !stage.trial) return;
  const Available available = run.available();
  StageEstimate estimate;
  try {
    // What is learned has its size before it is learned: stand-ins do for it.
    estimate = quick_estimate(stage.trial(run, {"teacher", "distill", "krr-st", "mtt-ssl"}));
  } catch (const Error&) {
    return;  // the stage itself says better what is wrong
  } catch (const c10::Error&) {
    return;  // and may well go where the trial does not
  }
  give_back_memory();
  std::string shortage, option = estimate.disk_option;
  if (available.disk) {
    shortage = shortage_of_disk(run, estimate.disk, bytes_there(run, stage.name), *available.disk);
  }
  if (shortage.empty() && available.memory) {
    shortage = shortage_of_memory(estimate, *available.memory);
    option = estimate.memory_option;
  }
  if (shortage.empty()) return;
  const std::string change = advice(run.config(), option);
  throw Error(fmt::format("{}: {}; {}{}set runtime.check_resources = false", stage.name, shortage,
                          change, change.empty() ? "" : ", or "));
}

}  // namespace mkdt
