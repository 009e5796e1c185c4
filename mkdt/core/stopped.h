// The end of a computation that was asked to stop. Nothing is wrong: not an Error.
#pragma once

#include <stdexcept>

#include "mkdt/core/observer.h"

namespace mkdt {

class Stopped : public std::runtime_error {
 public:
  Stopped() : std::runtime_error("stopped") {}
};

// Where there is nothing to keep, or it is kept already.
inline void throw_if_stopped(const Observer& observer) {
  if (observer.stop_wanted()) throw Stopped();
}

}  // namespace mkdt
