#include "mkdt/compare/evaluate_options.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace {

void reject_repetitions(const std::string& key, const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) {
      throw Error(fmt::format("evaluate.{}: '{}' is named twice", key, name));
    }
  }
}

}  // namespace

void EvaluateOptions::declare(OptionSection& section) {
  section.add("methods", methods, method_names(), methods_help());
  section.add("encoders", encoders,
              "What is pre-trained: student, or an architecture with its settings, such as "
              "\"resnet10 width=16\"; convnet, resnet10, resnet18, vgg11, alexnet, mobilenet-v2, "
              "vit-tiny.");
  section.add("datasets", datasets,
              "Folders of further downstream data sets; the images of [data] are always one.");
  section.add("protocols", protocols, {"probe", "finetune", "knn"},
              "How features are judged: a linear probe on frozen ones, fine-tuning of the whole "
              "encoder, or the votes of nearest neighbours.");
  section.add("label_fractions", label_fractions, 1e-6, 1,
              "Parts of the downstream labels that there are, one column each.");
  section.add("label_counts", label_counts, 1, 1e9,
              "The same as numbers of labels a class, further columns.");
  section.add("seeds", seeds, 1, 1000,
              "Pre-trainings and label samples of each method; tables show mean and deviation.");
  section.add("curve_points", curve_points, 0, 1000,
              "Points of each pre-training with the first seed at which loss and accuracy are "
              "recorded in curves.csv.");
  section.add("probe_l2", probe_l2, 0, 1e6, "L2 weight on the probe's weights.");
  section.add("probe_l2_choices", probe_l2_choices, 0, 1e6,
              "If not empty, the probe's L2 weight is the best of these on the validation split "
              "of the downstream set.");
  section.add("probe_iterations", probe_iterations, 1, 1e6,
              "Outer L-BFGS iterations of the probe, of up to 20 steps each.");
  section.add("finetune_epochs", finetune.epochs, 1, 1e6, "Epochs of fine-tuning.");
  section.add("finetune_batch", finetune.batch, 1, 1e6, "Images a step of fine-tuning.");
  section.add("finetune_lr", finetune.lr, 0, 1e3,
              "Learning rate of the encoder in fine-tuning, with a cosine to 0.");
  section.add("finetune_head_lr", finetune.head_lr, 0, 1e3,
              "The same of the classifier on top of it.");
  section.add("neighbours", knn.neighbours, 1, 1e6, "Neighbours that vote in k-NN.");
}

void EvaluateOptions::check() const {
  if (methods.empty()) throw Error("evaluate.methods is empty; name at least one");
  if (encoders.empty()) throw Error("evaluate.encoders is empty; name at least one");
  if (protocols.empty()) throw Error("evaluate.protocols is empty; name at least one");
  if (budgets().empty()) {
    throw Error("evaluate.label_fractions and evaluate.label_counts are empty; give at least one");
  }
  reject_repetitions("methods", methods);
  reject_repetitions("encoders", encoders);
  reject_repetitions("datasets", datasets);
  reject_repetitions("protocols", protocols);
  std::vector<std::string> labels;
  for (const LabelBudget& budget : budgets()) labels.push_back(budget.code());
  reject_repetitions("label_fractions, evaluate.label_counts", labels);
}

std::vector<LabelBudget> EvaluateOptions::budgets() const {
  std::vector<LabelBudget> budgets;
  for (const double fraction : label_fractions) budgets.push_back({fraction, 0});
  for (const int64_t count : label_counts) budgets.push_back({0, count});
  return budgets;
}

std::vector<Method> EvaluateOptions::compared() const {
  std::vector<Method> compared;
  for (const std::string& name : methods) compared.push_back(method_of(name, "evaluate.methods"));
  return compared;
}

bool EvaluateOptions::includes(Method method) const {
  const std::vector<Method> all = compared();
  return std::find(all.begin(), all.end(), method) != all.end();
}

bool EvaluateOptions::includes(MethodKind kind) const {
  const std::vector<Method> all = compared();
  return std::any_of(all.begin(), all.end(),
                     [kind](Method method) { return entry_of(method).kind == kind; });
}

std::string EvaluateOptions::protocol_text(const std::string& protocol) const {
  if (protocol == "knn") return fmt::format("knn {} {}", knn.neighbours, knn.temperature);
  if (protocol == "finetune") {
    return fmt::format("finetune {} {} {} {} {} {}", finetune.epochs, finetune.batch, finetune.lr,
                       finetune.head_lr, finetune.momentum, finetune.weight_decay);
  }
  const std::string l2 = probe_l2_choices.empty()
                             ? fmt::format("{}", probe_l2)
                             : fmt::format("[{}]", fmt::join(probe_l2_choices, ","));
  return fmt::format("probe {} {}", l2, probe_iterations);
}

}  // namespace mkdt
