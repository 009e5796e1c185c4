// What the benchmarks share: timing side by side, memory, the machine's ceiling.
#pragma once

#include <functional>
#include <vector>

#include <nlohmann/json.hpp>

namespace mkdt::cli {

using Json = nlohmann::ordered_json;
using Seconds = std::vector<double>;

// Runs every body once to warm up and then `repeats` times by turns, so that the machine's moods
// hit all of them alike. Seconds of every run, per body.
std::vector<Seconds> measure_by_turns(const std::vector<std::function<void()>>& bodies,
                                      int64_t repeats);

double median(Seconds seconds);
// {"median", "min", "max"} of seconds × scale.
Json spread(Seconds seconds, double scale = 1);

// Largest resident memory of the process so far, as the system counts it.
int64_t peak_rss_bytes();

// Floating-point operations a second of the native matrix kernel in cache, one thread: no
// computation made of it can be faster than its flops over this and the threads.
double matrix_flops_per_second();

}  // namespace mkdt::cli
