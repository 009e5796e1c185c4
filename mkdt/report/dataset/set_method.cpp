#include "mkdt/report/dataset/set_method.h"

#include "mkdt/report/dataset/set_entry.h"

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

}  // namespace mkdt
