#include "mkdt/publish/dataset/set_provenance.h"

#include <charconv>
#include <cmath>
#include <string>
#include <system_error>

#include <nlohmann/json.hpp>

#include "mkdt/base/units.h"
#include "mkdt/data/own_folders.h"

namespace mkdt {
namespace {

std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

}  // namespace

std::optional<SetRecipe> set_recipe(const SyntheticSet& set) {
  const auto lr = number(set_entry(set, "recipe_lr"));
  const auto steps = parse_integer(set_entry(set, "recipe_steps"));
  const auto batch = parse_integer(set_entry(set, "recipe_batch"));
  const auto momentum = number(set_entry(set, "recipe_momentum"));
  const auto weight_decay = number(set_entry(set, "recipe_weight_decay"));
  if (!lr || !steps || !batch || !momentum || !weight_decay) return std::nullopt;
  return SetRecipe{*lr,
                   *steps,
                   *batch,
                   *momentum,
                   *weight_decay,
                   number(set_entry(set, "recipe_validation_loss")),
                   set_entry(set, "recipe_short_batches") == "true"};
}

namespace {

constexpr const char* kMkdtPaper = R"(@inproceedings{joshi2025dataset,
  title     = {Dataset Distillation via Knowledge Distillation: Towards Efficient Self-Supervised Pre-Training of Deep Networks},
  author    = {Joshi, Siddharth and Ni, Jiayi and Mirzasoleiman, Baharan},
  booktitle = {International Conference on Learning Representations},
  year      = {2025},
  url       = {https://arxiv.org/abs/2410.02116}
}
)";

constexpr const char* kKrrStPaper = R"(@inproceedings{lee2024self,
  title     = {Self-Supervised Dataset Distillation for Transfer Learning},
  author    = {Lee, Dong Bok and Lee, Seanie and Ko, Joonho and Kawaguchi, Kenji and Lee, Juho and Hwang, Sung Ju},
  booktitle = {International Conference on Learning Representations},
  year      = {2024},
  url       = {https://arxiv.org/abs/2310.06511}
}
)";

}  // namespace

SetMethod set_method(const SyntheticSet& set) {
  const std::string method = set_entry(set, "method");
  if (method == "krr-st") {
    return {"KRR-ST",
            "kernel ridge regression on self-supervised targets (KRR-ST, [arXiv "
            "2310.06511](https://arxiv.org/abs/2310.06511))",
            "compare config.toml --set evaluate.methods=krr-st", kKrrStPaper};
  }
  if (method == "mtt-ssl") {
    return {"MTT-SSL",
            "matching trajectories of self-supervised training (MTT-SSL, the negative control of "
            "[arXiv 2410.02116](https://arxiv.org/abs/2410.02116): no method to recommend)",
            "compare config.toml --set evaluate.methods=mtt-ssl", kMkdtPaper};
  }
  if (set_entry(set, "objective") == "representation") {
    return {
        "MKDT, objective `representation`",
        "training students on it and matching their representations of real images to those "
        "of a teacher (a variant of MKDT, [arXiv 2410.02116](https://arxiv.org/abs/2410.02116))",
        "run config.toml", kMkdtPaper};
  }
  return {"MKDT",
          "matching knowledge distillation trajectories (MKDT, [arXiv "
          "2410.02116](https://arxiv.org/abs/2410.02116))",
          "run config.toml", kMkdtPaper};
}

namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Json pretrain_entry(const SyntheticSet& set) {
  const auto recipe = set_recipe(set);
  if (!recipe) return nullptr;
  Json entry;
  entry["lr"] = recipe->lr;
  entry["steps"] = recipe->steps;
  entry["batch"] = recipe->batch;
  if (recipe->short_batches) entry["short_batches"] = true;
  entry["momentum"] = recipe->momentum;
  entry["weight_decay"] = recipe->weight_decay;
  entry["validation_loss"] = recipe->validation_loss ? Json(*recipe->validation_loss) : nullptr;
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
