// What a long computation tells whoever started it, and how it is asked to stop. The library
// itself never prints.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

#include <torch/types.h>

namespace mkdt {

// Every member does nothing by default, so `Observer silent;` is a valid sink for tests.
// Members are called from one thread at a time.
class Observer {
 public:
  virtual ~Observer() = default;

  // A task of `total` units of work ("images", "epochs", "iterations") begins; tasks do not nest.
  virtual void begin(const std::string& /*task*/, int64_t /*total*/, const std::string& /*unit*/) {}
  // `done` of the total are finished; `note` is a short state such as "loss 0.123".
  virtual void advance(int64_t /*done*/, const std::string& /*note*/) {}
  virtual void end() {}

  virtual void info(const std::string& /*message*/) {}
  virtual void warn(const std::string& /*message*/) {}
  // Whether whoever started the computation wants it to end after this step: it keeps its state,
  // and throws Stopped.
  virtual bool stop_wanted() const { return false; }

  // One point of the curve `name`, e.g. "distill/matching_loss", at `step`.
  virtual void metric(const std::string& /*name*/, int64_t /*step*/, double /*value*/) {}

  // The images `name`, e.g. "distill/images", as they are after `step`, the last time if `last`.
  // `pixels` makes uint8 [M,C,H,W] of them; it is called within this call or not at all.
  virtual void images(const std::string& /*name*/, int64_t /*step*/, bool /*last*/,
                      const std::function<torch::Tensor()>& /*pixels*/) {}
};

// The end of a computation that was asked to stop. Nothing is wrong: not an Error.

class Stopped : public std::runtime_error {
 public:
  Stopped() : std::runtime_error("stopped") {}
};

// Where there is nothing to keep, or it is kept already.
inline void throw_if_stopped(const Observer& observer) {
  if (observer.stop_wanted()) throw Stopped();
}

// For a part of a task that nobody is to see.

// Passes on nothing but the wish to stop. The observer behind it outlives it.
class QuietObserver final : public Observer {
 public:
  explicit QuietObserver(const Observer& behind) : behind_(behind) {}
  bool stop_wanted() const override { return behind_.stop_wanted(); }

 private:
  const Observer& behind_;
};

}  // namespace mkdt
