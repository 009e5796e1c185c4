// Work cut into shares that are taken by whichever thread is free. Where results are added up, the
// number of shares decides how sums are rounded: where it does not depend on the number of threads,
// nor do the bits.
#pragma once

#include <cstdint>
#include <functional>

namespace mkdt {

// How many threads share_out will use for so many shares: at::get_num_threads() at most.
int64_t sharing_threads(int64_t shares);

// Calls work(share, thread) once for every share in [0, shares), with `thread` in
// [0, sharing_threads(shares)) and never the same one twice at a time. Operators of libtorch and
// oneDNN that `work` calls run in its own thread only, without gradient tracking. A thread that is
// held up by other programs takes fewer shares; no result may depend on which. Passes on what
// `work` throws, once every thread has returned.
void share_out(int64_t shares, const std::function<void(int64_t share, int64_t thread)>& work);

}  // namespace mkdt
