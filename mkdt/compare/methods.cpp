#include "mkdt/compare/methods.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"
#include "mkdt/compare/stage_files.h"

namespace mkdt {
namespace {

constexpr std::string_view kMkdtPaper = R"(@inproceedings{joshi2025dataset,
  title     = {Dataset Distillation via Knowledge Distillation: Towards Efficient Self-Supervised Pre-Training of Deep Networks},
  author    = {Joshi, Siddharth and Ni, Jiayi and Mirzasoleiman, Baharan},
  booktitle = {International Conference on Learning Representations},
  year      = {2025},
  url       = {https://arxiv.org/abs/2410.02116}
}
)";

constexpr std::string_view kKrrStPaper = R"(@inproceedings{lee2024self,
  title     = {Self-Supervised Dataset Distillation for Transfer Learning},
  author    = {Lee, Dong Bok and Lee, Seanie and Ko, Joonho and Kawaguchi, Kenji and Lee, Juho and Hwang, Sung Ju},
  booktitle = {International Conference on Learning Representations},
  year      = {2024},
  url       = {https://arxiv.org/abs/2310.06511}
}
)";

constexpr SetCredit kKrrStCredit = {
    "KRR-ST",
    "kernel ridge regression on self-supervised targets (KRR-ST, [arXiv "
    "2310.06511](https://arxiv.org/abs/2310.06511))",
    kKrrStPaper};

constexpr SetCredit kMttSslCredit = {
    "MTT-SSL",
    "matching trajectories of self-supervised training (MTT-SSL, the negative control of "
    "[arXiv 2410.02116](https://arxiv.org/abs/2410.02116): no method to recommend)",
    kMkdtPaper};

constexpr SetCredit kMkdtCredit = {"MKDT",
                                   "matching knowledge distillation trajectories (MKDT, [arXiv "
                                   "2410.02116](https://arxiv.org/abs/2410.02116))",
                                   kMkdtPaper};

constexpr bool kCompetes = true, kReference = false;

constexpr MethodSet kMkdtSet = {kDistilledSet.stage, kDistilledSet.name, "distill", kMkdtCredit};

constexpr std::array kTable = {
    MethodEntry{Method::kNone, "none", "no pre-training", MethodKind::kUntrained, kCompetes},
    MethodEntry{Method::kRandom,
                "random",
                "as many real images as the synthetic set has, chosen at random",
                MethodKind::kRegression,
                kCompetes,
                {kSubsetStage, "random.safetensors"}},
    MethodEntry{Method::kKMeans,
                "k-means",
                "as many real images as the synthetic set has, the nearest to centroids of the "
                "representations",
                MethodKind::kRegression,
                kCompetes,
                {kSubsetStage, "k-means.safetensors"}},
    MethodEntry{Method::kHighLoss,
                "high-loss",
                "as many real images as the synthetic set has, those that experts fit worst",
                MethodKind::kRegression,
                kCompetes,
                {kSubsetStage, "high-loss.safetensors"}},
    MethodEntry{Method::kKrrSt,
                "krr-st",
                "a set made by KRR-ST",
                MethodKind::kRegression,
                kCompetes,
                {kKrrStSet.stage, kKrrStSet.name, "krr-st", kKrrStCredit}},
    MethodEntry{Method::kMttSsl,
                "mtt-ssl",
                "a set made by MTT-SSL",
                MethodKind::kSelfSupervised,
                kCompetes,
                {kMttSslSet.stage, kMttSslSet.name, "mtt_ssl", kMttSslCredit}},
    MethodEntry{Method::kDistilled, "distilled", "the set made by MKDT", MethodKind::kRegression,
                kCompetes, kMkdtSet},
    MethodEntry{Method::kDistilledPng,
                "distilled-png",
                "the set made by MKDT, read back from 8-bit PNG files",
                MethodKind::kRegression,
                kCompetes,
                {kMkdtSet.stage, kMkdtSet.file}},
    MethodEntry{Method::kFull, "full", "all training images", MethodKind::kRegression, kReference},
    MethodEntry{Method::kSsl, "ssl", "self-supervised training on all training images",
                MethodKind::kSelfSupervised, kReference},
    MethodEntry{Method::kTeacher, "teacher", "the teacher's own representations",
                MethodKind::kGivenFeatures, kReference}};

constexpr bool is_in_order() {
  for (size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].method != static_cast<Method>(i)) return false;
  }
  return true;
}

static_assert(is_in_order(), "the table has the methods in the order of the enumeration");

}  // namespace

const std::vector<MethodEntry>& method_table() {
  static const std::vector<MethodEntry> table(kTable.begin(), kTable.end());
  return table;
}

const MethodEntry& entry_of(Method method) { return kTable.at(static_cast<size_t>(method)); }

std::string name_of(Method method) { return std::string(entry_of(method).name); }

std::optional<Method> find_method(std::string_view name) {
  for (const MethodEntry& entry : kTable) {
    if (entry.name == name) return entry.method;
  }
  return std::nullopt;
}

bool is_of_kind(std::string_view name, MethodKind kind) {
  const auto method = find_method(name);
  return method && entry_of(*method).kind == kind;
}

Method method_of(const std::string& name, const std::string& where) {
  if (const auto method = find_method(name)) return *method;
  throw Error(fmt::format("{}: there is no method '{}'; the methods are {}", where, name,
                          fmt::join(method_names(), ", ")));
}

std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (const MethodEntry& entry : kTable) names.emplace_back(entry.name);
  return names;
}

std::vector<std::string> method_names(const std::vector<Method>& methods) {
  std::vector<std::string> names;
  for (const Method method : methods) names.push_back(name_of(method));
  return names;
}

std::string phrase_of(Method method) {
  return name_of(method) + (entry_of(method).set.stage == kSubsetStage ? " choice" : "");
}

std::string methods_help() {
  std::vector<std::string> meanings;
  for (const MethodEntry& entry : kTable) {
    meanings.push_back(fmt::format("{} ({})", entry.name, entry.meaning));
  }
  return fmt::format("What encoders learn from, to be compared: {}.", fmt::join(meanings, "; "));
}

std::vector<Method> learned_sets() {
  std::vector<Method> methods = {kOwnMethod};
  for (const MethodEntry& entry : kTable) {
    if (!entry.set.live.empty() && entry.method != kOwnMethod) methods.push_back(entry.method);
  }
  return methods;
}

std::set<std::string> stages_of_learned_sets() {
  std::set<std::string> stages;
  for (const Method method : learned_sets()) stages.emplace(entry_of(method).set.stage);
  return stages;
}

std::set<std::string> stages_of_sets() {
  std::set<std::string> stages;
  for (const MethodEntry& entry : kTable) {
    if (!entry.set.stage.empty()) stages.emplace(entry.set.stage);
  }
  return stages;
}

}  // namespace mkdt
