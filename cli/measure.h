// Measures for the benchmarks: timing by turns, memory, the machine's ceiling.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>
#include <torch/types.h>

namespace CLI {
class App;
}

namespace mkdt::cli {

using Json = nlohmann::ordered_json;
using Seconds = std::vector<double>;

struct Turns {
  int64_t repeats = 5;  // timed, after one that warms up
  int64_t beside = 0;   // busy loops of other processes beside which the first body runs as well

  void add_options(CLI::App& command);
};

// Runs every body once to warm up and then by turns, so that the machine's moods hit all of them
// alike. A run ends when `device` has finished its work.
struct Measurement {
  std::vector<Seconds> seconds;  // per body
  Seconds beside;                // the first body's, beside the busy loops
  int64_t peak_rss_bytes;  // of the process after the first body's first run: without the others
  // For each body in its first run, the most bytes that tensors took at once, with those that were
  // there before.
  std::vector<std::optional<int64_t>> peak_device_bytes;
};
Measurement measure_by_turns(const std::vector<std::function<void()>>& bodies, const Turns& turns,
                             torch::Device device = torch::kCPU);

// Returns {"peak_device_bytes"} of a body; {} where there are none.
Json device_memory(const Measurement& measured, size_t body);

// Returns {"beside": {"busy_loops", "seconds" × scale, "rate": of the quiet one}}; {} without busy
// loops.
Json beside(const Measurement& measured, const Turns& turns, double scale = 1);

double median(Seconds seconds);
// Returns {"median", "min", "max"} of seconds × scale.
Json spread(Seconds seconds, double scale = 1);

// Returns {"ceiling_seconds": …}, the time below which the native kernel cannot do `flops` of
// matrix products, given its rate in cache; {} for other devices than the CPU.
Json ceiling(double flops, const torch::TensorOptions& options);

}  // namespace mkdt::cli
