#include "mkdt/pipeline/config.h"

#include <fmt/format.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"

namespace mkdt {
namespace {

template <class Options>
void declare(OptionTable& table, const std::string& name, Options& options) {
  OptionSection section = table.section(name);
  options.declare(section);
}

}  // namespace

Config::Config() {
  declare(table, "data", data);
  declare(table, "teacher", teacher);
  declare(table, "experts", experts);
  declare(table, "subset", subset);
  declare(table, "distill", distill);
  declare(table, "krr_st", krr_st);
  declare(table, "mtt_ssl", mtt_ssl);
  declare(table, "pretrain", pretrain);
  declare(table, "evaluate", evaluate);
  declare(table, "runtime", runtime);
}

std::unique_ptr<Config> Config::load(const std::filesystem::path& path,
                                     const std::vector<std::string>& assignments) {
  auto config = std::make_unique<Config>();
  config->table.read_toml(read_text(path), path.string());
  for (const std::string& assignment : assignments) config->table.assign(assignment);
  config->check();
  return config;
}

void Config::check() const {
  teacher.check();
  experts.check();
  distill.check();
  if (distill.matches_trajectories() && experts.epochs != 0 &&
      experts.epochs < distill.readable_epochs()) {
    throw Error(
        fmt::format("experts.epochs is {}, but matching reads {} (distill.max_start_epoch − 1 + "
                    "distill.expert_epochs); raise it, or set it to 0",
                    experts.epochs, distill.readable_epochs()));
  }
  evaluate.check();
  if (evaluate.includes("mtt-ssl") && mtt_ssl.matching.batch < 2) {
    throw Error("mtt_ssl.batch is 1, but Barlow Twins compares images: at least 2");
  }
  if ((evaluate.includes("ssl") || evaluate.includes("mtt-ssl")) && pretrain.batch < 2) {
    throw Error("pretrain.batch is 1, but ssl and mtt-ssl compare images: at least 2");
  }
  if (pretrain.searches() && pretrain.lrs.empty()) {
    throw Error("pretrain.lrs is empty; name at least one rate, or set pretrain.recipe to fixed");
  }
}

std::map<std::string, std::string> Config::section(const std::string& name) const {
  std::map<std::string, std::string> values;
  for (const Option& option : table.options()) {
    if (option.section == name) values[option.key()] = option.value();
  }
  return values;
}

bool Config::uses_experts() const {
  return distill.matches_trajectories() || subset.start == "high-loss" ||
         evaluate.includes("high-loss");
}

std::map<std::string, std::string> Config::student() const {
  std::map<std::string, std::string> all = section("experts"), values;
  for (const char* name : {"architecture", "width", "depth", "norm", "activation", "pooling"}) {
    values.insert(all.extract(fmt::format("experts.{}", name)));
  }
  return values;
}

int64_t Config::expert_epochs() const {
  return experts.epochs != 0 ? experts.epochs : distill.readable_epochs();
}

}  // namespace mkdt
