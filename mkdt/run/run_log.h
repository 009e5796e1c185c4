// The journal of a run: what is said goes to log.jsonl, what is measured to metrics.jsonl and to
// TensorBoard's event files, what is going on at the moment to live/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/base/timing.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/publish/tensorboard.h"

namespace mkdt {

// In a run folder.
inline constexpr const char* kLogFile = "log.jsonl";
inline constexpr const char* kMetricsFile = "metrics.jsonl";
inline constexpr const char* kLiveFolder = "live";

// What a run is doing at this moment, as files for those who watch it: RUN/live/.

struct LiveProgress {
  std::string task, unit, note;
  int64_t done = 0, total = 0;
  double rate = 0;  // units a second since the task began or went on; 0: not known yet
};

// Writes them now and then. A file that cannot be written is no reason to end a run: from then on
// nothing more is.
class LiveFiles {
 public:
  explicit LiveFiles(const std::filesystem::path& run_folder);

  void begin(const std::string& task, int64_t total, const std::string& unit);
  void advance(int64_t done, const std::string& note);
  // uint8 [M,C,H,W] after `step` of the task.
  void images(const std::string& task, int64_t step, const torch::Tensor& pixels);
  // When a task is over; images stay, for a run that is interrupted.
  void end_progress();
  // When the run has finished.
  void remove();

 private:
  void make_folder() const;
  void write_progress();

  std::filesystem::path folder_;
  bool usable_ = true;
  LiveProgress progress_;
  ProgressRate rate_;
  bool begun_ = false;  // whether the task has reported anything
  Throttle throttle_;
};

// Nothing where there is none, or where it cannot be read: the file may be from anywhere.
std::optional<LiveProgress> read_live_progress(const std::filesystem::path& run_folder);

struct LiveImages {
  torch::Tensor pixels;  // uint8 [M,C,H,W]
  int64_t step = 0;
};
std::optional<LiveImages> read_live_images(const std::filesystem::path& run_folder,
                                           const std::string& task);

// The journal of a run: what is said goes to log.jsonl, what is measured to metrics.jsonl and to
// TensorBoard's event files, what is going on at the moment to live/.

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
