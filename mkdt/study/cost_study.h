// Implements `mkdt study cost`: what distillation costs from the images to the set, teacher
// included, what an encoder costs on it and without it, and after how many encoders that has paid.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/publish/table.h"
#include "mkdt/run/config.h"

namespace mkdt {

struct Cost {
  std::string name;
  double flops = 0;       // see nn/flop_counter.h
  double seconds = 0;     // on this machine
  bool measured = false;  // the seconds are those that it took; else they come from a few steps
  bool at_most = false;   // both: nobody knows yet how many steps there will be
};

struct CostStudy {
  std::vector<Cost> once;  // the stages that make the distilled set
  Cost distilled;          // an encoder pre-trained on it, by the recipe that it carries
  Cost self_supervised;    // the same encoder by self-supervision on all training images
};

struct CostOptions {
  int64_t ssl_epochs = 0;  // of plain self-supervision; 0: as many as the teacher's
};

// Returns from how many encoders on making the set and pre-training on it costs less than
// self-supervision for each: the smallest n with once + n·distilled < n·self_supervised; 0 if that
// never happens.
int64_t encoders_to_pay(double once, double distilled, double self_supervised);

// Takes the seconds of stages that are done from when they were last worked on; for the others, and
// for all operations, it tries a few steps (as `mkdt plan` does). Config's own evaluate.methods
// decide what is counted: name "distilled" alone there, or experts may be counted that only another
// method reads. Writes study/cost/cost.md and cost.json.
CostStudy cost_study(const Config& config, const std::filesystem::path& run_folder,
                     const CostOptions& options, Observer& observer);

std::vector<Table> cost_tables(const CostStudy& study);

}  // namespace mkdt
