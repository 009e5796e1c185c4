#include "mkdt/core/side_by_side.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include <ATen/Parallel.h>
#include <ATen/ThreadLocalState.h>

#include "mkdt/core/threads_of_operators.h"

namespace mkdt {

// Kept between calls, since OpenMP's own threads behind it are made anew for every new thread.
class SideBySide::Thread {
 public:
  Thread() : thread_([this] { serve(); }) {}
  ~Thread() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void begin(std::function<void()> work) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      work_ = std::move(work);
    }
    changed_.notify_all();
  }

  // What the work threw, if it did.
  std::exception_ptr wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !work_; });
    return std::exchange(failure_, nullptr);
  }

 private:
  void serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return over_ || work_; });
      if (over_) return;
      lock.unlock();
      try {
        work_();
      } catch (...) {
        failure_ = std::current_exception();
      }
      lock.lock();
      work_ = nullptr;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;  // empty: none
  std::exception_ptr failure_;
  bool over_ = false;
  std::thread thread_;  // after all that it uses
};

int SideBySide::threads_between() { return std::max(1, at::get_num_threads() / 2); }

SideBySide::SideBySide() = default;
SideBySide::~SideBySide() = default;

void SideBySide::run(const std::function<void()>& first, const std::function<void()>& second) {
  const int threads = at::get_num_threads();
  if (threads == 1) {
    first();
    second();
    return;
  }
  if (thread_ == nullptr) thread_ = std::make_unique<Thread>();
  const at::ThreadLocalState state;
  thread_->begin([&] {
    const at::ThreadLocalStateGuard as_caller(state);
    const ThreadsOfOperators half(threads / 2);
    second();
  });
  std::exception_ptr failure;
  try {
    const ThreadsOfOperators half(threads - threads / 2);
    first();
  } catch (...) {
    failure = std::current_exception();
  }
  const std::exception_ptr other = thread_->wait();
  if (failure == nullptr) failure = other;
  if (failure != nullptr) std::rethrow_exception(failure);
}

}  // namespace mkdt
