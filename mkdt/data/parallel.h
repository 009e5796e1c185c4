// Work on one image after the other, shared by all threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "mkdt/core/observer.h"

namespace mkdt {

// Calls work(i) once for every i in [0, count) from at::get_num_threads() threads. If calls throw,
// the exception of the lowest such i comes out, whatever the number of threads, and the calls
// beyond may be left out. `observer` sees a task of `count` images, from the calling thread only.
void for_each_image(int64_t count, const std::function<void(int64_t)>& work,
                    const std::string& task, Observer& observer);

}  // namespace mkdt
