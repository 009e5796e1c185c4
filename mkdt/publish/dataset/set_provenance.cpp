#include "mkdt/publish/dataset/set_provenance.h"

#include <string>

#include <nlohmann/json.hpp>

#include "mkdt/data/own_folders.h"

namespace mkdt {
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
  if (!set.recipe) return nullptr;
  const PretrainOptions& training = set.recipe->training;
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
