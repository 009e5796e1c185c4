// What the benchmarks share: timing side by side, memory, the machine's ceiling.
#pragma once

#include <functional>
#include <vector>

#include <nlohmann/json.hpp>
#include <torch/types.h>

namespace mkdt::cli {

using Json = nlohmann::ordered_json;
using Seconds = std::vector<double>;

// Runs every body once to warm up and then `repeats` times by turns, so that the machine's moods
// hit all of them alike.
struct Measurement {
  std::vector<Seconds> seconds;  // per body
  int64_t peak_rss_bytes;  // of the process after the first body's first run: without the others
};
Measurement measure_by_turns(const std::vector<std::function<void()>>& bodies, int64_t repeats);

double median(Seconds seconds);
// {"median", "min", "max"} of seconds × scale.
Json spread(Seconds seconds, double scale = 1);

// Seconds below which `flops` of matrix products cannot be done by the native kernel, given its
// rate in cache: {"ceiling_seconds": …}. Nothing but {} for other devices than the CPU.
Json ceiling(double flops, const torch::TensorOptions& options);

}  // namespace mkdt::cli
