// The journal of a run: what is said goes to log.jsonl, what is measured to metrics.jsonl and to
// TensorBoard's event files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mkdt/core/append_file.h"
#include "mkdt/core/observer.h"
#include "mkdt/report/tensorboard.h"

namespace mkdt {

// Passes everything on to `next`. Lines are appended, so a resumed run continues the files; a point
// of a curve that was measured again (after a checkpoint was gone back to) stands there twice, and
// the later line counts. Event files cannot be continued: one is begun with the first metric of
// each RunLog; no file before it is needed. Error if one cannot be written.
class RunLog : public Observer {
 public:
  RunLog(const std::filesystem::path& folder, Observer& next);

  void begin(const std::string& task, int64_t total, const std::string& unit) override;
  void advance(int64_t done, const std::string& note) override;
  void end() override;
  void info(const std::string& message) override;
  void warn(const std::string& message) override;
  bool stop_wanted() const override { return next_.stop_wanted(); }
  void metric(const std::string& name, int64_t step, double value) override;

 private:
  void log(const char* level, const std::string& message);

  std::filesystem::path folder_;
  std::optional<AppendFile> log_;  // both from their first line on
  std::optional<AppendFile> metrics_;
  TensorBoardWriter tensorboard_;
  Observer& next_;
};

}  // namespace mkdt
