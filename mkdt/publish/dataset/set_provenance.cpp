#include "mkdt/publish/dataset/set_provenance.h"

#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/compare/methods.h"
#include "mkdt/data/own_folders.h"

namespace mkdt {
namespace {

// The representation objective is a variant of the method, and has a name of its own.
constexpr const char* kRepresentationTitle = "MKDT, objective `representation`";
constexpr const char* kRepresentationDescription =
    "training students on it and matching their representations of real images to those "
    "of a teacher (a variant of MKDT, [arXiv 2410.02116](https://arxiv.org/abs/2410.02116))";

}  // namespace

SetMethod set_method(const SyntheticSet& set) {
  const std::string name = set_entry(set, "method");
  const Method method =
      name.empty() ? kOwnMethod : method_of(name, "the entry 'method' of the set's provenance");
  const SetCredit& credit = entry_of(method).set.credit;
  if (credit.title.empty()) {
    throw Error(fmt::format(
        "the entry 'method' of the set's provenance: '{}' makes no synthetic set", name));
  }
  SetMethod made = {std::string(credit.title), std::string(credit.description),
                    "compare config.toml --set evaluate.methods=" + name_of(method),
                    std::string(credit.bibtex)};
  if (method != kOwnMethod) return made;
  made.command = "run config.toml";
  if (set_entry(set, "objective") == "representation") {
    made.name = kRepresentationTitle;
    made.description = kRepresentationDescription;
  }
  return made;
}

namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Json pretrain_entry(const SyntheticSet& set) {
  if (!set.recipe) return nullptr;
  const TrainingOptions& training = set.recipe->training;
  Json entry;
  entry["lr"] = training.sgd.lr;
  entry["steps"] = set.recipe->steps;
  entry["batch"] = training.batch;
  if (training.short_batches) entry["short_batches"] = true;
  entry["momentum"] = training.sgd.momentum;
  entry["weight_decay"] = training.sgd.weight_decay;
  entry["validation_loss"] =
      set.recipe->validation_loss ? Json(*set.recipe->validation_loss) : nullptr;
  return entry;
}

std::string recipe_json(const SyntheticSet& set) {
  Json entry;
  entry["written_by"] = kWrittenByExport;
  entry["images"] = set.images.sizes().vec();
  entry["targets"] = set.targets.sizes().vec();
  entry["mean"] = set.normalisation.mean;
  entry["std"] = set.normalisation.std;
  entry["syn_lr"] = set.syn_lr;
  entry["pretrain"] = pretrain_entry(set);
  return entry.dump(2) + "\n";
}

}  // namespace mkdt
