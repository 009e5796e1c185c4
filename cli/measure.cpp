#include "cli/measure.h"

#include <algorithm>
#include <chrono>
#include <sys/resource.h>

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>

#include "cli/busy_loops.h"
#include "mkdt/base/device.h"
#include "mkdt/nn/native/buffer.h"
#include "mkdt/nn/native/isa.h"
#include "mkdt/nn/native/kernels.h"

namespace mkdt::cli {
namespace {

double seconds_of(const std::function<void()>& body, torch::Device device) {
  synchronise(device);
  const auto begin = std::chrono::steady_clock::now();
  body();
  synchronise(device);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Returns the largest resident memory of the process so far, as the system counts it.
int64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

// Returns the floating-point operations a second of the native matrix kernel in cache, one thread.
template <typename T>
double matrix_flops_per_second() {
  constexpr int64_t kRows = 96, kColumns = 64, kDepth = 128, kTimes = 200;
  native::Buffer<T> a(kRows * kDepth), b(kDepth * kColumns), c(kRows * kColumns);
  const auto& kernels = native::kernels<T>(native::chosen_isa());
  const auto body = [&] {
    for (int64_t i = 0; i < kTimes; ++i) {
      kernels.multiply({kRows, kColumns, kDepth, a.data(), kDepth, 1, b.data(), kColumns, c.data(),
                        kColumns, true});
    }
  };
  const Seconds seconds = measure_by_turns({body}, Turns()).seconds.front();
  return 2.0 * kRows * kColumns * kDepth * kTimes /
         *std::min_element(seconds.begin(), seconds.end());
}

}  // namespace

void Turns::add_options(CLI::App& command) {
  command.add_option("--repeats", repeats, "Timed repetitions after one that warms up")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000}))
      ->capture_default_str();
  command
      .add_option("--beside", beside,
                  "Measure beside so many busy loops as well, by turns with the quiet machine")
      ->check(CLI::Range(int64_t{0}, int64_t{1024}))
      ->capture_default_str();
}

Measurement measure_by_turns(const std::vector<std::function<void()>>& bodies, const Turns& turns,
                             torch::Device device) {
  Measurement result;
  result.seconds.resize(bodies.size());
  for (size_t i = 0; i < bodies.size(); ++i) {
    reset_peak_device_memory(device);
    seconds_of(bodies[i], device);
    if (i == 0) result.peak_rss_bytes = peak_rss_bytes();
    result.peak_device_bytes.push_back(peak_device_memory(device));
  }
  const BusyLoops loops(turns.beside);
  for (int64_t i = 0; i < turns.repeats; ++i) {
    for (size_t j = 0; j < bodies.size(); ++j) {
      result.seconds[j].push_back(seconds_of(bodies[j], device));
    }
    if (turns.beside == 0) continue;
    loops.run();
    result.beside.push_back(seconds_of(bodies[0], device));
    loops.rest();
  }
  return result;
}

Json device_memory(const Measurement& measured, size_t body) {
  const std::optional<int64_t>& bytes = measured.peak_device_bytes[body];
  return bytes ? Json{{"peak_device_bytes", *bytes}} : Json::object();
}

Json beside(const Measurement& measured, const Turns& turns, double scale) {
  if (measured.beside.empty()) return Json::object();
  return {{"beside",
           {{"busy_loops", turns.beside},
            {"seconds", spread(measured.beside, scale)},
            {"rate", median(measured.seconds[0]) / median(measured.beside)}}}};
}

double median(Seconds seconds) {
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

Json spread(Seconds seconds, double scale) {
  std::sort(seconds.begin(), seconds.end());
  return {{"median", median(seconds) * scale},
          {"min", seconds.front() * scale},
          {"max", seconds.back() * scale}};
}

Json ceiling(double flops, const torch::TensorOptions& options) {
  if (!options.device().is_cpu()) return Json::object();
  const double rate = options.dtype() == torch::kFloat64 ? matrix_flops_per_second<double>()
                                                         : matrix_flops_per_second<float>();
  return {{"ceiling_seconds", flops / (rate * at::get_num_threads())}};
}

}  // namespace mkdt::cli
