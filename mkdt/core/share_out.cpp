#include "mkdt/core/share_out.h"

#include <algorithm>
#include <atomic>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "mkdt/core/threads_of_operators.h"

namespace mkdt {

int64_t sharing_threads(int64_t shares) {
  return at::in_parallel_region() ? 1 : std::min<int64_t>(shares, at::get_num_threads());
}

void share_out(int64_t shares, const std::function<void(int64_t share, int64_t thread)>& work) {
  std::atomic<int64_t> next{0};
  at::parallel_for(0, sharing_threads(shares), 1, [&](int64_t begin, int64_t end) {
    const ThreadsOfOperators one(1);
    const at::NoGradGuard no_grad;
    for (int64_t thread = begin; thread < end; ++thread) {
      for (int64_t share = next++; share < shares; share = next++) work(share, thread);
    }
  });
}

}  // namespace mkdt
