#include "mkdt/data/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <ATen/Parallel.h>

#include "mkdt/core/stopped.h"

namespace mkdt {
namespace {

// Indices are handed out in ascending order, so when one fails, all lower ones are done or in
// work: waiting for those gives the lowest failure.
class Queue {
 public:
  Queue(int64_t count, const std::function<void(int64_t)>& work) : count_(count), work_(work) {}

  // Takes one index; false when there is none left or a call has failed.
  bool step() {
    if (failed_ || stopped_) return false;
    const int64_t index = next_++;
    if (index >= count_) return false;
    try {
      work_(index);
    } catch (...) {
      failed_ = true;
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!failure_ || index < failed_index_) {
        failed_index_ = index;
        failure_ = std::current_exception();
      }
    }
    ++done_;
    return true;
  }

  // No index is taken after this.
  void stop() { stopped_ = true; }

  int64_t done() const { return done_; }
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  const int64_t count_;
  const std::function<void(int64_t)>& work_;
  std::atomic<int64_t> next_{0};
  std::atomic<int64_t> done_{0};
  std::atomic<bool> failed_{false};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;
  int64_t failed_index_ = 0;
};

}  // namespace

void for_each_image(int64_t count, const std::function<void(int64_t)>& work,
                    const std::string& task, Observer& observer) {
  Queue queue(count, work);
  const auto helpers = std::min<int64_t>(at::get_num_threads(), count) - 1;
  std::vector<std::thread> threads;
  observer.begin(task, count, "images");
  for (int64_t i = 0; i < helpers; ++i) {
    threads.emplace_back([&queue] {
      while (queue.step()) {
      }
    });
  }
  while (queue.step()) {
    observer.advance(queue.done(), "");
    if (observer.stop_wanted()) queue.stop();
  }
  for (std::thread& thread : threads) thread.join();
  observer.advance(queue.done(), "");
  observer.end();
  queue.rethrow_failure();
  if (queue.done() < count) throw Stopped();
}

}  // namespace mkdt
