// Writes the report, runs as one HTML file that needs nothing else, once or again and again during
// a run.
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

// Returns the page of these run folders; see read_run.h and page_json.h. Throws Error if one is no
// folder.
std::string report_page(const std::vector<std::filesystem::path>& runs,
                        std::optional<int> refresh_seconds = std::nullopt);

// Writes the page atomically. `path` may lie in one of the folders.
void write_report(const std::filesystem::path& path, const std::vector<std::filesystem::path>& runs,
                  std::optional<int> refresh_seconds = std::nullopt);

// Keeps the report up to date during a run. Passes everything on to `next`, and writes the report
// of the run to `path` at the first step and then now and then, for at most a hundredth of the
// time. If a report cannot be written, it warns once and the run continues.
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

  // Writes the report of the run as it is now; the page no longer loads itself again. Returns
  // whether it could be written.
  bool finish();

 private:
  bool write(bool live);

  std::filesystem::path folder_, path_;
  Observer& next_;
  Throttle throttle_;
  bool usable_ = true;
};

}  // namespace mkdt
