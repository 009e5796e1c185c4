#include "mkdt/stages/resource_check.h"

#include <algorithm>
#include <filesystem>

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/machine.h"
#include "mkdt/base/memory.h"
#include "mkdt/base/units.h"
#include "mkdt/compare/methods.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/io/folders.h"

namespace mkdt {
namespace {

constexpr double kLongStep = 10;  // seconds; not tried as a whole
constexpr double kBudget = 1;     // seconds for whole steps of one kind
constexpr int64_t kFewest = 3, kMost = 40;

struct Need {
  double seconds = 0;  // of one step
  int64_t memory = 0;  // of the process
};

double seconds_of_one(const StageStep& step, int64_t batch, int64_t steps) {
  Seconds seconds;
  try {
    seconds = step.run(batch, steps);
  } catch (const std::exception& error) {
    if (!is_out_of_device_memory(error)) throw;
    throw Error(fmt::format("{}: the device has too little memory: {}; lower {}", step.name,
                            torch_message(error), step.option));
  }
  if (seconds.size() > 1) seconds.erase(seconds.begin());  // the first one warms up
  return median(seconds);
}

Need tried(const StageStep& step, int64_t batch) {
  give_back_memory();
  const PeakMemory peak;
  const double seconds = seconds_of_one(step, batch, 1);
  return {seconds, peak.bytes()};
}

// Extends the straight line through two sizes; a negative slope counts as 0.
double at(double batch, double size1, double value1, double size2, double value2) {
  if (size2 <= size1) return value2;
  return value2 + std::max(0.0, (value2 - value1) / (size2 - size1)) * (batch - size2);
}

// Tries a step on parts of its batch. The seconds are reliable only after a step to warm up.
Need quick(const StageStep& step, bool warm_up) {
  const int64_t least = std::min(step.least_batch, step.batch);
  const int64_t small = std::clamp(step.batch / 8, least, step.batch);
  const int64_t larger = std::clamp(step.batch / 4, std::min(small + 1, step.batch), step.batch);
  if (warm_up) tried(step, small);
  const Need first = tried(step, small), second = tried(step, larger);
  const auto line = [&](double value1, double value2) {
    return at(static_cast<double>(step.batch), static_cast<double>(small), value1,
              static_cast<double>(larger), value2);
  };
  Need whole;
  whole.seconds = line(first.seconds, second.seconds);
  whole.memory = static_cast<int64_t>(
      line(static_cast<double>(first.memory), static_cast<double>(second.memory)));
  return whole;
}

// Tells whether a whole step can be tried.
bool fits(const Need& expected, const std::optional<AvailableMemory>& available) {
  if (expected.seconds > kLongStep) return false;
  // What the process has already is no longer available.
  return !available || expected.memory - resident_memory() <= available->bytes;
}

double seconds_of_whole_one(const StageStep& step, double expected) {
  const double once = std::max({expected, seconds_of_one(step, step.batch, 1), 1e-6});
  const auto steps = static_cast<int64_t>(std::min(kBudget / once, static_cast<double>(kMost)));
  return seconds_of_one(step, step.batch, std::max(steps, once > kBudget ? 2 : kFewest));
}

void add(const StageStep& step, const Need& need, StageEstimate& estimate) {
  estimate.seconds += step.count * need.seconds;
  if (need.memory <= estimate.memory) return;
  estimate.memory = need.memory;
  estimate.memory_option = step.option;
}

StageEstimate begun(const StageTrial& trial) {
  StageEstimate estimate;
  estimate.at_most = trial.at_most;
  estimate.disk = trial.disk;
  estimate.disk_option = trial.disk_option;
  estimate.notes = trial.notes;
  return estimate;
}

}  // namespace

StageEstimate quick_estimate(const StageTrial& trial) {
  StageEstimate estimate = begun(trial);
  for (const StageStep& step : trial.steps) {
    add(step, quick(step, /*warm_up=*/false), estimate);
  }
  estimate.memory += trial.held_memory;
  return estimate;
}

StageEstimate full_estimate(const StageTrial& trial,
                            const std::optional<AvailableMemory>& available) {
  StageEstimate estimate = begun(trial);
  std::vector<Need> needs;
  for (const StageStep& step : trial.steps) {
    needs.push_back(quick(step, /*warm_up=*/true));
  }
  // Memory is not given back in between: what allocators keep of one kind of step for the next one
  // is part of the stage's memory.
  give_back_memory();
  const PeakMemory peak;
  int64_t extrapolated = 0;
  for (size_t i = 0; i < needs.size(); ++i) {
    const StageStep& step = trial.steps[i];
    if (fits(needs[i], available)) {
      needs[i].seconds = seconds_of_whole_one(step, needs[i].seconds);
    } else {
      extrapolated = std::max(extrapolated, needs[i].memory);
    }
    add(step, needs[i], estimate);
  }
  if (trial.more_seconds) estimate.seconds += trial.more_seconds();
  estimate.memory = std::max(peak.bytes(), extrapolated) + trial.held_memory;
  if (trial.sizes_change) estimate.memory += spare_tensor_memory();
  return estimate;
}

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
    // Results have their sizes before they are learned, so stand-ins suffice.
    StageNames learned = stages_of_learned_sets();
    learned.insert(kTeacherStage);
    estimate = quick_estimate(stage.trial(run, learned));
  } catch (const Error&) {
    return;  // the stage itself reports better what is wrong
  } catch (const c10::Error&) {
    return;  // and may well work where the trial does not
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
