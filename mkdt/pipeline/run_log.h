// The journal of a run: what is said goes to log.jsonl, what is measured to metrics.jsonl and to
// TensorBoard's event files, what is going on at the moment to live/.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "mkdt/core/append_file.h"
#include "mkdt/core/observer.h"
#include "mkdt/core/throttle.h"
#include "mkdt/pipeline/live_files.h"
#include "mkdt/report/tensorboard.h"

namespace mkdt {

// What became of a run, as log.jsonl has it: a line with the key "event".
inline constexpr const char* kRunBegins = "begins";
inline constexpr const char* kRunFinished = "finished";
inline constexpr const char* kRunStopped = "stopped";
inline constexpr const char* kRunFailed = "failed";

// Passes everything on to `next`. Lines are appended, so a resumed run continues the files; a point
// of a curve that was measured again (after a checkpoint was gone back to) stands there twice, and
// the later line counts. Event files cannot be continued: one is begun with the first metric of
// each RunLog; no file before it is needed. Error if one cannot be written. Of images a sheet of a
// hundred, evenly spread, goes to TensorBoard, at the first and the last step and now and then.
class RunLog : public Observer {
 public:
  RunLog(const std::filesystem::path& folder, Observer& next);
  ~RunLog() override;

  // The run begins, or has ended in one of the ways above; for the file alone.
  void event(const std::string& event, const std::string& message);

  void begin(const std::string& task, int64_t total, const std::string& unit) override;
  void advance(int64_t done, const std::string& note) override;
  void end() override;
  void info(const std::string& message) override;
  void warn(const std::string& message) override;
  bool stop_wanted() const override { return next_.stop_wanted(); }
  void metric(const std::string& name, int64_t step, double value) override;
  void images(const std::string& name, int64_t step, bool last,
              const std::function<torch::Tensor()>& pixels) override;

 private:
  void log(const char* level, const std::string& message, const std::string& event = "");

  std::filesystem::path folder_;
  std::optional<AppendFile> log_;  // both from their first line on
  std::optional<AppendFile> metrics_;
  TensorBoardWriter tensorboard_;
  LiveFiles live_;
  std::map<std::string, Throttle> throttles_;  // of images, by name
  Observer& next_;
};

}  // namespace mkdt
