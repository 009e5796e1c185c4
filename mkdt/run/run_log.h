// Keeps the journal of a run: messages in log.jsonl, measurements in metrics.jsonl and
// TensorBoard's event files, and the present state in live/.
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

// The names of these in a run folder.
inline constexpr const char* kLogFile = "log.jsonl";
inline constexpr const char* kMetricsFile = "metrics.jsonl";
inline constexpr const char* kLiveFolder = "live";

// The progress of the task that a run is doing at this moment.
struct LiveProgress {
  std::string task, unit, note;
  int64_t done = 0, total = 0;
  double rate = 0;  // units a second since the task began or went on; 0: not known yet
};

// Writes the progress and the images of a run now and then to RUN/live/, for those who watch it. A
// file that cannot be written is no reason to end a run: from then on nothing more is written.
class LiveFiles {
 public:
  explicit LiveFiles(const std::filesystem::path& run_folder);

  void begin(const std::string& task, int64_t total, const std::string& unit);
  void advance(int64_t done, const std::string& note);
  // Writes `pixels`, uint8 [M,C,H,W], the images after `step` of the task.
  void images(const std::string& task, int64_t step, const torch::Tensor& pixels);
  // Removes the progress when a task is over; images stay, for a run that is interrupted.
  void end_progress();
  // Removes everything when the run has finished.
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

// Returns nothing where there is none, or where it cannot be read: the file may be from anywhere.
std::optional<LiveProgress> read_live_progress(const std::filesystem::path& run_folder);

struct LiveImages {
  torch::Tensor pixels;  // uint8 [M,C,H,W]
  int64_t step = 0;
};
std::optional<LiveImages> read_live_images(const std::filesystem::path& run_folder,
                                           const std::string& task);

// The values of the key "event" in log.jsonl, which say what became of a run.
inline constexpr const char* kRunBegins = "begins";
inline constexpr const char* kRunFinished = "finished";
inline constexpr const char* kRunStopped = "stopped";
inline constexpr const char* kRunFailed = "failed";

// Passes everything on to `next`. Lines are appended, so a resumed run continues the files; a point
// of a curve that was measured again (after the run went back to a checkpoint) stands there twice,
// and the later line counts. Event files cannot be continued: one is started with the first metric
// of each RunLog; no file before it is needed. Throws Error if one cannot be written. TensorBoard
// gets a sheet of at most a hundred images, evenly spread, at the first and the last step and now
// and then.
class RunLog : public Observer {
 public:
  RunLog(const std::filesystem::path& folder, Observer& next);
  ~RunLog() override;

  // Logs, in the file alone, that the run begins, or has ended in one of the ways above.
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
