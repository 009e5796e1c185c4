// Holds what a report shows of runs, as plain values: read from run folders (read_run.h), written
// into the page (page_json.h). report_page/README.md says what the page makes of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "mkdt/compare/comparison_store.h"
#include "mkdt/judge/representation_quality.h"

namespace mkdt {

using Facts = std::vector<std::pair<std::string, std::string>>;  // name, value; in order

struct ReportedStage {
  std::string name, purpose;
  std::string state;  // "done", "running", "failed", "not done"
  std::optional<double> seconds;
  std::optional<int64_t> peak_memory;  // bytes
  std::string version;                 // of mkdt that did it
};

struct ReportedCurve {
  std::string name;   // as in metrics.jsonl
  std::string group;  // "teacher", "experts", "distillation", "baselines", "other"
  std::string title, x;
  std::vector<int64_t> steps;  // ascending
  std::vector<double> values;  // one a step; may be not finite
  std::vector<double> mean;    // the running mean there; empty where there are too few points
};

struct ReportedSet {
  std::string name, title;
  bool live = false;      // the optimisation is in progress, or was interrupted
  torch::Tensor before;   // uint8 [M,C,H,W]; undefined if not known
  torch::Tensor after;    // uint8 [M,C,H,W]
  torch::Tensor targets;  // float32 [M,d]; undefined or [M,0] if there are none
  std::vector<std::string> class_names;
  torch::Tensor nearest_class;  // int64 [M] into class_names; undefined if not known
  Facts facts;
};

struct ReportedSize {
  int64_t size = 0;  // images in the synthetic sets
  std::vector<ComparisonRow> rows;
};

struct ReportedOptions {
  std::string section;
  Facts options;
};

struct LogLine {
  std::string time, level, message;
};

struct ReportedRun {
  std::string name, folder;
  std::string state;  // "finished", "running", "interrupted", "failed", "empty"
  std::string message;
  std::string progress;  // empty if nothing is in progress
  Facts facts;
  std::vector<ReportedStage> stages;
  std::vector<ReportedCurve> curves;
  std::vector<RepresentationQuality> teacher_quality;
  std::vector<ReportedSet> sets;
  std::vector<ComparisonRow> rows;
  std::vector<CurvePoint> pretraining;
  std::optional<int64_t> set_size;
  std::vector<ReportedSize> sizes;  // ascending
  std::vector<ReportedOptions> config;
  Facts provenance;
  std::vector<LogLine> log;        // warnings and errors, oldest first
  std::vector<std::string> notes;  // what could not be read, and why
};

}  // namespace mkdt
