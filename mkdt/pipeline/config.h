// All options of a run: a TOML file, then --set assignments, over the defaults.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mkdt/baseline/krr_st_options.h"
#include "mkdt/baseline/mtt_ssl_options.h"
#include "mkdt/core/options.h"
#include "mkdt/data/data_options.h"
#include "mkdt/distill/distill_options.h"
#include "mkdt/eval/evaluate_options.h"
#include "mkdt/eval/pretrain_options.h"
#include "mkdt/expert/expert_options.h"
#include "mkdt/pipeline/runtime_options.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

struct Config {
  // Every option at its default.
  Config();
  Config(const Config&) = delete;  // the table points into it
  Config& operator=(const Config&) = delete;

  // Error for unknown keys (naming the nearest), wrong types and values out of range.
  static std::unique_ptr<Config> load(const std::filesystem::path& path,
                                      const std::vector<std::string>& assignments);

  // Rules that tie several options together; load has called it.
  void check() const;

  // The options of one section: key → value in TOML notation.
  std::map<std::string, std::string> section(const std::string& name) const;

  // Whether anything asks for expert trajectories: matching, or the high-loss subset.
  bool uses_experts() const;

  // Those of [experts] that make the student's architecture.
  std::map<std::string, std::string> student() const;

  // Epochs to record of each expert: experts.epochs, or as many as matching can read.
  int64_t expert_epochs() const;

  DataOptions data;
  TeacherOptions teacher;
  ExpertOptions experts;
  SubsetOptions subset;
  DistillOptions distill;
  KrrStOptions krr_st;
  MttSslOptions mtt_ssl;
  PretrainSection pretrain;
  EvaluateOptions evaluate;
  RuntimeOptions runtime;
  OptionTable table;
};

}  // namespace mkdt
