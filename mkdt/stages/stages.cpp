#include "mkdt/stages/stages.h"

#include <set>
#include <string>

namespace mkdt {

Entries options_of(const Config& config, const std::vector<std::string>& sections) {
  Entries options;
  for (const std::string& section : sections) options.merge(config.section(section));
  options.erase("data.root");  // the files there count, as an input
  options.erase("data.cache");
  // These options came after 0.1.0 and change nothing at their defaults. Finished work has a
  // manifest that says so (find_later_options); checkpoints of unfinished work have keys without
  // them.
  static const std::set<std::string> later = {"data.test_limit", "data.labels", "data.classes",
                                              "distill.short_batches", "pretrain.short_batches"};
  for (const Option& option : config.table.options()) {
    if (later.count(option.key()) != 0 && option.value() == option.default_value) {
      options.erase(option.key());
    }
  }
  options["runtime.seed"] = std::to_string(config.runtime.seed);
  return options;
}

bool loses_all(const Run& /*run*/, const Manifest& /*then*/, const Manifest& /*now*/) {
  return true;
}

std::vector<Stage> stages_of(const Config& config) {
  std::vector<Stage> stages;
  if (!config.teacher.outside.given()) stages.push_back(teacher_stage());
  stages.push_back(embed_stage(config));
  stages.push_back(experts_stage());
  stages.push_back(subset_stage(config));
  stages.push_back(distill_stage(config));
  stages.push_back(krr_st_stage());
  stages.push_back(mtt_ssl_stage());
  stages.push_back(pretrain_stage());
  stages.push_back(probe_stage());
  stages.push_back(evaluate_stage(config));
  return stages;
}

}  // namespace mkdt
