// A report that is kept up to date while a run goes on.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "mkdt/core/observer.h"
#include "mkdt/core/throttle.h"

namespace mkdt {

// Passes everything on to `next`, and writes the report of the run to `path` at the first step and
// then now and then, for at most a hundredth of the time. A report that cannot be written is a
// warning, once, and no reason to end the run.
class LiveReport : public Observer {
 public:
  LiveReport(std::filesystem::path run_folder, std::filesystem::path path, Observer& next);

  void begin(const std::string& task, int64_t total, const std::string& unit) override;
  void advance(int64_t done, const std::string& note) override;
  void end() override { next_.end(); }
  void info(const std::string& message) override { next_.info(message); }
  void warn(const std::string& message) override { next_.warn(message); }
  bool stop_wanted() const override { return next_.stop_wanted(); }
  void metric(const std::string& name, int64_t step, double value) override;
  void images(const std::string& name, int64_t step, bool last,
              const std::function<torch::Tensor()>& pixels) override;

  // The report of the run as it is now; the page no longer loads itself again. Whether it could be
  // written.
  bool finish();

 private:
  bool write(bool live);

  std::filesystem::path folder_, path_;
  Observer& next_;
  Throttle throttle_;
  bool usable_ = true;
};

}  // namespace mkdt
