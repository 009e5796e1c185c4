// Divides work among threads: how many an operator may use, sums by shares, two computations at
// once, and one image after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "mkdt/base/observer.h"

namespace mkdt {

// Sets how many threads operators of libtorch and oneDNN use that the present thread calls, for as
// long as it lives; those that other threads call use as many as before. at::set_num_threads()
// would change the number of the whole process, which is the program's to set. oneDNN plans a
// primitive for the number that it is made under, and its weight gradients of convolutions wait for
// all of them in a loop that never yields.
class ThreadsOfOperators {
 public:
  explicit ThreadsOfOperators(int threads);
  ~ThreadsOfOperators();
  ThreadsOfOperators(const ThreadsOfOperators&) = delete;
  ThreadsOfOperators& operator=(const ThreadsOfOperators&) = delete;

 private:
  int before_;
};

// Returns how many threads share_out will use for so many shares: at::get_num_threads() at most.
int64_t sharing_threads(int64_t shares);

// Calls work(share, thread) once for every share in [0, shares), with `thread` in [0,
// sharing_threads(shares)) and never the same one twice at a time. Whichever thread is free takes
// the next share, so that one that is held up by other programs takes fewer; no result may depend
// on which. Where results are added up, the number of shares decides how sums are rounded: as long
// as it does not depend on the number of threads, nor do the bits. Operators of libtorch and oneDNN
// that `work` calls run in its own thread only, without gradient tracking. Passes on what `work`
// throws, once every thread has returned.
void share_out(int64_t shares, const std::function<void(int64_t share, int64_t thread)>& work);

// Does two computations at the same time, each with half of the threads. Where operators are cut
// into pieces for threads, every one of them waits for the slowest thread; two computations that
// need nothing of each other wait once, at the end. Their results do not depend on whether they ran
// at the same time, and on the number of threads only where there are more than two, as operators'
// own results may.
class SideBySide {
 public:
  // Returns the number of threads for the operators between two runs, which are short: with more of
  // them, a thread that is held up would stop the others in each.
  static int threads_between();

  SideBySide();
  ~SideBySide();

  // Calls first() on the calling thread and second() on another, each with half of
  // at::get_num_threads() for its operators (the first with one more of an odd number); with a
  // single thread, or where the system has no more threads, one after the other. Both see the
  // caller's gradient mode. Returns when both have, and passes on what they throw, first()'s before
  // second()'s.
  void run(const std::function<void()>& first, const std::function<void()>& second);

 private:
  class Thread;

  bool has_thread();  // false where the system has no more threads

  std::unique_ptr<Thread> thread_;  // made when it is first needed
};

// Works on one image after the other, shared by all threads: calls work(i) once for every i in [0,
// count) from at::get_num_threads() threads, or as many as the system has. If calls throw, the
// exception of the lowest such i comes out, whatever the number of threads, and the calls beyond
// may be left out. `observer` sees a task of `count` images, from the calling thread only.
void for_each_image(int64_t count, const std::function<void(int64_t)>& work,
                    const std::string& task, Observer& observer);

}  // namespace mkdt
