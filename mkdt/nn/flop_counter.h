// Counts floating-point operations by definition: the cost of a computation whatever the kernels,
// the threads and the machine.
#pragma once

#include <cstdint>

namespace mkdt {

// Counts the convolutions and matrix products of the whole process while it lives, 2 operations a
// multiply-add; everything else is left out. It hears of those of libtorch's operators
// (at::convolution and its backward pass, mm, addmm, bmm, baddbmm) and of those that the native
// kernels report. A convolution counts as direct, not as Winograd's.
//
// The count is the state of the whole process, an exception to the rule that state is passed in:
// libtorch calls back a plain function, from whichever of its threads an operator runs on. Hence
// one counter at a time; a second one throws std::logic_error.
class FlopCounter {
 public:
  FlopCounter();
  ~FlopCounter();
  FlopCounter(const FlopCounter&) = delete;
  FlopCounter& operator=(const FlopCounter&) = delete;

  double flops() const;

 private:
  uint64_t callback_;
};

// Tells the counter, where there is one, of operations that are not libtorch's.
void count_flops(double flops);

}  // namespace mkdt
