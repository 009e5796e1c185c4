// How many threads the operators that one thread calls may use.
#pragma once

namespace mkdt {

// For as long as it lives, operators of libtorch and oneDNN called from the present thread use so
// many threads; those called from others use as many as before, unlike after
// at::set_num_threads(). oneDNN plans a primitive for the number that it is made under, and its
// weight gradients of convolutions wait for all of them in a loop that never yields.
class ThreadsOfOperators {
 public:
  explicit ThreadsOfOperators(int threads);
  ~ThreadsOfOperators();
  ThreadsOfOperators(const ThreadsOfOperators&) = delete;
  ThreadsOfOperators& operator=(const ThreadsOfOperators&) = delete;

 private:
  int before_;
};

}  // namespace mkdt
