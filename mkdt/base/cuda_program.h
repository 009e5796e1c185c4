// Compiles kernels of our own for a CUDA device when the program first needs them: neither a CUDA
// compiler nor its headers are needed to build mkdt. The compiler (NVRTC) is the one that a
// libtorch with CUDA brings.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <torch/types.h>

namespace mkdt {

// Says why such kernels cannot be compiled and launched here; empty where they can.
const std::string& cuda_program_fault();

// One text of CUDA C++ with its kernels (extern "C"), for any number of devices and threads.
class CudaProgram {
 public:
  // `name` is for messages; the text outlives the program.
  CudaProgram(std::string name, std::string_view source)
      : name_(std::move(name)), source_(source) {}

  struct Grid {
    int64_t x = 1, y = 1;  // blocks
    int64_t threads = 1;   // a block
  };
  // Launches a kernel behind what was asked of `device` before. `arguments` point to what the
  // kernel takes, in its order. Throws std::runtime_error with the compiler's or driver's message
  // if that fails, so also where cuda_program_fault() is not empty.
  void launch(const std::string& kernel, torch::Device device, const Grid& grid,
              const std::vector<void*>& arguments);

 private:
  void* function(const std::string& kernel, int64_t device);

  std::string name_;
  std::string_view source_;
  std::mutex mutex_;
  std::map<int64_t, void*> modules_;                            // by device
  std::map<std::pair<int64_t, std::string>, void*> functions_;  // by device and kernel
};

}  // namespace mkdt
