// Declares all options of a run: a TOML file, then --set assignments, over the defaults.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/base/options.h"
#include "mkdt/baseline/krr_st.h"
#include "mkdt/baseline/mtt_ssl.h"
#include "mkdt/compare/evaluate_options.h"
#include "mkdt/data/dataset.h"
#include "mkdt/distill/distill_options.h"
#include "mkdt/distill/recipe.h"
#include "mkdt/expert/distilled_expert.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

// The options [runtime]: seed, device, threads, cores, precision, and the check of resources
// beforehand.
struct RuntimeOptions {
  int64_t seed = 0;
  std::string device = "cpu";
  int64_t threads = 0;
  std::vector<int64_t> cores;
  bool tf32 = false;
  double checkpoint_minutes = 5;
  bool check_resources = true;

  void declare(OptionSection& section);
  // Throws Error, which says why, if nothing can be computed on the device.
  torch::Device torch_device() const;
};

struct Config {
  // Sets every option to its default.
  Config();
  Config(const Config&) = delete;  // the table points into it
  Config& operator=(const Config&) = delete;

  // Throws Error for unknown keys (naming the nearest), wrong types and values out of range.
  static std::unique_ptr<Config> load(const std::filesystem::path& path,
                                      const std::vector<std::string>& assignments);

  // Checks the rules that tie several options together; load has called it. Throws Error.
  void check() const;

  // Returns the options of one section: key → value in TOML notation.
  std::map<std::string, std::string> section(const std::string& name) const;

  // Returns the default of every option: key → value in TOML notation.
  std::map<std::string, std::string> defaults() const;

  // Tells whether anything asks for the high-loss subset: distillation starts from it, or it is
  // compared.
  bool uses_high_loss_subset() const;

  // Tells whether anything asks for expert trajectories: matching, or the high-loss subset.
  bool uses_experts() const;

  // Returns the options of [experts] that make the student's architecture.
  std::map<std::string, std::string> student() const;

  // Returns how many epochs of each expert are recorded: experts.epochs, or as many as matching can
  // read.
  int64_t expert_epochs() const;

  DataOptions data;
  TeacherOptions teacher;
  ExpertOptions experts;
  SubsetOptions subset;
  DistillOptions distill;
  KrrStOptions krr_st;
  MttSslOptions mtt_ssl;
  PretrainOptions pretrain;
  EvaluateOptions evaluate;
  RuntimeOptions runtime;
  OptionTable table;
};

}  // namespace mkdt
