// The report: runs as one HTML file that needs nothing else, made once or kept up to date while a
// run goes on.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/base/timing.h"

namespace mkdt {

inline constexpr const char* kReportFile = "report.html";  // in a run folder

// The page of these run folders; see read_run.h and page_json.h. Error if one is no folder.
std::string report_page(const std::vector<std::filesystem::path>& runs,
                        std::optional<int> refresh_seconds = std::nullopt);

// Atomic. `path` may lie in one of the folders.
void write_report(const std::filesystem::path& path, const std::vector<std::filesystem::path>& runs,
                  std::optional<int> refresh_seconds = std::nullopt);

// A report that is kept up to date while a run goes on.

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
