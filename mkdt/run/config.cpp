#include "mkdt/run/config.h"

#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <fmt/format.h>
#include <torch/utils.h>
#include <torch/version.h>

#include "mkdt/base/error.h"
#include "mkdt/distill/subset.h"
#include "mkdt/io/durable_file.h"

namespace mkdt {

void RuntimeOptions::declare(OptionSection& section) {
  section.add("seed", seed, 0, 9e15, "The one seed from which everything random follows.");
  section.add("device", device, {"cpu", "cuda"}, "Where networks run.");
  section.add("threads", threads, 0, 1024, "Threads for computing; 0 is one a core.");
  section.add("cores", cores, 0, 1023,
              "Cores to stay on, so that another process can have the others; empty: any.");
  section.add("tf32", tf32,
              "On a CUDA device, round the factors of float32 products to TF32's 10 bits: faster, "
              "less exact.");
  section.add("checkpoint_minutes", checkpoint_minutes, 0, 1e6,
              "Minutes after which a long stage writes a checkpoint, if none of its own interval's "
              "came before; 0: never.");
  section.add("check_resources", check_resources,
              "Before a stage begins, estimate what memory and disk it needs, and refuse to begin "
              "where there is less.");
}

torch::Device RuntimeOptions::torch_device() const {
  const torch::Device asked(device);
  if (asked.is_cpu()) return asked;
  if (!c10::impl::hasDeviceGuardImpl(asked.type())) {
    throw Error(fmt::format(
        "runtime.device: {}, but this libtorch ({}) is built without it; build mkdt with one that "
        "has it, or set runtime.device to cpu",
        device, TORCH_VERSION));
  }
  // Drivers that are missing or too old, and GPUs that this libtorch has no kernels for, show up
  // when something is computed.
  try {
    torch::ones({2}, asked).add(1).sum().item<double>();
  } catch (const c10::Error& error) {
    throw Error(fmt::format(
        "runtime.device: {} cannot be used: {}; mend that, or set runtime.device to cpu", device,
        torch_message(error)));
  }
  return asked;
}

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
  if (evaluate.includes(Method::kMttSsl) && mtt_ssl.matching.batch < 2) {
    throw Error("mtt_ssl.batch is 1, but Barlow Twins compares images: at least 2");
  }
  if (evaluate.includes(MethodKind::kSelfSupervised) && pretrain.batch < 2) {
    throw Error("pretrain.batch is 1, but self-supervised methods compare images: at least 2");
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

std::map<std::string, std::string> Config::defaults() const {
  std::map<std::string, std::string> values;
  for (const Option& option : table.options()) values[option.key()] = option.default_value;
  return values;
}

bool Config::uses_high_loss_subset() const {
  return subset.start == kHighLossSubset || evaluate.includes(Method::kHighLoss);
}

bool Config::uses_experts() const {
  return distill.matches_trajectories() || uses_high_loss_subset();
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
