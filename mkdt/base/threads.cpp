#include "mkdt/base/threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <omp.h>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/ThreadLocalState.h>
#include <ATen/core/grad_mode.h>

#include "mkdt/base/observer.h"

namespace mkdt {

ThreadsOfOperators::ThreadsOfOperators(int threads) : before_(at::get_num_threads()) {
  // libtorch sets its own number for every thread that is new to it, once in each library that has
  // a copy of parallel_for(): get_num_threads() has done so in libtorch, and this does it here.
  // From then on OpenMP's number of this thread is the one that counts.
  at::parallel_for(0, 1, 1, [](int64_t, int64_t) {});
  omp_set_num_threads(threads);
}

ThreadsOfOperators::~ThreadsOfOperators() { omp_set_num_threads(before_); }

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

// A thread that waits for work. It is kept between calls, since OpenMP makes threads of its own
// behind every new one.
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

  // Waits for the end of the work and returns what it threw, or null.
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

bool SideBySide::has_thread() {
  try {
    if (thread_ == nullptr) thread_ = std::make_unique<Thread>();
  } catch (const std::system_error&) {
    // The next run tries again.
  }
  return thread_ != nullptr;
}

void SideBySide::run(const std::function<void()>& first, const std::function<void()>& second) {
  const int threads = at::get_num_threads();
  if (threads == 1) {
    first();
    second();
    return;
  }
  if (!has_thread()) {
    // With half of the threads all the same, since operators' sums may depend on their number.
    const auto with = [](int half, const std::function<void()>& work) {
      const ThreadsOfOperators fewer(half);
      work();
    };
    with(threads - threads / 2, first);
    with(threads / 2, second);
    return;
  }
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

namespace {

// Hands indices out in ascending order, so that when one fails, all lower ones are done or in work:
// waiting for those gives the lowest failure.
class Queue {
 public:
  Queue(int64_t count, const std::function<void(int64_t)>& work) : count_(count), work_(work) {}

  // Works on one index; returns false when there is none left or a call has failed.
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

// The threads that empty a queue beside the calling one. Whatever happens to that one, they are
// stopped and joined.
class Helpers {
 public:
  explicit Helpers(Queue& queue) : queue_(queue) {}
  ~Helpers() {
    queue_.stop();
    join();
  }
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;

  // Starts so many threads, or as many as the system has.
  void start(int64_t wanted) {
    threads_.reserve(static_cast<size_t>(std::max<int64_t>(wanted, 0)));
    try {
      for (int64_t i = 0; i < wanted; ++i) {
        threads_.emplace_back([&queue = queue_] {
          while (queue.step()) {
          }
        });
      }
    } catch (const std::system_error&) {
      // Those that run and the calling thread do the work.
    }
  }

  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  Queue& queue_;
  std::vector<std::thread> threads_;
};

}  // namespace

void for_each_image(int64_t count, const std::function<void(int64_t)>& work,
                    const std::string& task, Observer& observer) {
  Queue queue(count, work);
  Helpers helpers(queue);
  observer.begin(task, count, "images");
  helpers.start(std::min<int64_t>(at::get_num_threads(), count) - 1);
  while (queue.step()) {
    observer.advance(queue.done(), "");
    if (observer.stop_wanted()) queue.stop();
  }
  helpers.join();
  observer.advance(queue.done(), "");
  observer.end();
  queue.rethrow_failure();
  if (queue.done() < count) throw Stopped();
}

}  // namespace mkdt
