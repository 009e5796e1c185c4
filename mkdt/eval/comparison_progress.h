// The progress of a comparison in estimated seconds, so that the time that is left is true although
// its parts differ.
#pragma once

#include <string>

#include "mkdt/core/observer.h"

namespace mkdt {

class ComparisonProgress {
 public:
  // `total` and the costs of parts in estimated seconds.
  ComparisonProgress(Observer& observer, double total);

  void finish(double cost, const std::string& note);
  void end();

  // For a task inside the comparison that reports by itself: its progress counts as a part of
  // `cost`, which is not finished yet. Valid until the next call.
  Observer& part(double cost, const std::string& note);

 private:
  class Part : public Observer {
   public:
    explicit Part(ComparisonProgress& whole) : whole_(whole) {}
    void begin(const std::string& task, int64_t total, const std::string& unit) override;
    void advance(int64_t done, const std::string& note) override;
    bool stop_wanted() const override;
    void info(const std::string& message) override { whole_.observer_.info(message); }
    void warn(const std::string& message) override { whole_.observer_.warn(message); }

    double cost = 0;
    std::string title;

   private:
    ComparisonProgress& whole_;
    int64_t total_ = 1;
  };

  void show(double done, const std::string& note);

  Observer& observer_;
  double done_ = 0;
  Part part_;
};

}  // namespace mkdt
