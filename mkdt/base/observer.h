// Observer, through which a long computation tells its caller how it goes and is asked to stop: the
// library itself never prints.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

#include <torch/types.h>

namespace mkdt {

// Every member does nothing by default, so that `Observer silent;` is a valid sink for tests.
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
  // Tells whether the caller wants the computation to end after this step: it then keeps its state
  // and throws Stopped.
  virtual bool stop_wanted() const { return false; }

  // One point of the curve `name`, e.g. "distill/matching_loss", at `step`.
  virtual void metric(const std::string& /*name*/, int64_t /*step*/, double /*value*/) {}

  // Offers the images `name`, e.g. "distill/images", as they are after `step`; `last` says that no
  // others follow. `pixels` makes uint8 [M,C,H,W] of them; it is called within this call or not at
  // all.
  virtual void images(const std::string& /*name*/, int64_t /*step*/, bool /*last*/,
                      const std::function<torch::Tensor()>& /*pixels*/) {}
};

// Ends a computation that was asked to stop. It is not an Error, since nothing is wrong.
class Stopped : public std::runtime_error {
 public:
  Stopped() : std::runtime_error("stopped") {}
};

// Stops where there is no state to keep, or where it is kept already.
inline void throw_if_stopped(const Observer& observer) {
  if (observer.stop_wanted()) throw Stopped();
}

// Passes on nothing but the wish to stop: for a part of a task that nobody is to see. The observer
// behind it outlives it.
class QuietObserver final : public Observer {
 public:
  explicit QuietObserver(const Observer& behind) : behind_(behind) {}
  bool stop_wanted() const override { return behind_.stop_wanted(); }

 private:
  const Observer& behind_;
};

}  // namespace mkdt
