// Two computations at the same time, each with half of the threads.
#pragma once

#include <functional>
#include <memory>

namespace mkdt {

// Where operators are cut into pieces for threads, every one of them waits for the slowest thread.
// Two computations that need nothing of each other wait once, at the end. Their results do not
// depend on whether they ran at the same time, and on the number of threads only where there are
// more than two, as operators' own results may.
class SideBySide {
 public:
  // Threads for the operators between two runs, which are short: with more of them, a thread that
  // is held up would stop the others in each.
  static int threads_between();

  SideBySide();
  ~SideBySide();

  // Calls first() on the calling thread and second() on another, each with half of
  // at::get_num_threads() for its operators (the first with one more of an odd number); with a
  // single thread one after the other. Both see the caller's gradient mode. Returns when both
  // have, and passes on what they throw, first()'s before second()'s.
  void run(const std::function<void()>& first, const std::function<void()>& second);

 private:
  class Thread;

  std::unique_ptr<Thread> thread_;  // made when it is first needed
};

}  // namespace mkdt
