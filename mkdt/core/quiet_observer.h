// For a part of a task that nobody is to see.
#pragma once

#include "mkdt/core/observer.h"

namespace mkdt {

// Passes on nothing but the wish to stop. The observer behind it outlives it.
class QuietObserver final : public Observer {
 public:
  explicit QuietObserver(const Observer& behind) : behind_(behind) {}
  bool stop_wanted() const override { return behind_.stop_wanted(); }

 private:
  const Observer& behind_;
};

}  // namespace mkdt
