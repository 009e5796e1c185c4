#include "mkdt/pipeline/check_run.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/nn/native/forward.h"
#include "mkdt/nn/native/isa.h"
#include "mkdt/pipeline/learned_set.h"
#include "mkdt/pipeline/run_comparison.h"
#include "mkdt/pipeline/run_teacher.h"
#include "mkdt/pipeline/trial_inputs.h"

namespace mkdt {
namespace {

bool any_of(const StageNames& left, std::initializer_list<const char*> stages) {
  return std::any_of(stages.begin(), stages.end(),
                     [&](const char* stage) { return left.count(stage) != 0; });
}

// Of the files that the user gives; Error if they do not fit the images or each other.
void check_outside_representations(Run& run) {
  const OutsideOptions& outside = run.config().teacher.outside;
  const int64_t dim = read_representations(outside.representations, run.data().source_rows).dim();
  if (outside.test_representations.empty()) return;
  check_same_dimensions(
      outside, dim,
      read_representations(outside.test_representations, run.data().source_test_rows).dim());
}

// Dimensions of the representations that students will regress.
int64_t checked_dim(Run& run, const StageNames& left) {
  if (!any_of(left, {"teacher", "embed"})) return run.representations(Part::kTrain).dim();
  const TeacherOptions& teacher = run.config().teacher;
  if (!teacher.outside.representations.empty()) check_outside_representations(run);
  const int64_t dim = teacher_dim(run);
  teacher.processing.check(dim);
  return teacher.processing.pca > 0 ? teacher.processing.pca : dim;
}

// Where a set has fewer labels than are asked for.
void warn_of_labels(Run& run) {
  for (const DownstreamSet& set : downstream_sets(run)) {
    const torch::Tensor counts = set.train.labels.bincount();
    const torch::Tensor sizes = counts.masked_select(counts > 0);
    for (const int64_t asked : run.config().evaluate.label_counts) {
      const auto fewer = (sizes < asked).sum().item<int64_t>();
      if (fewer == 0) continue;
      const bool all = sizes.max().item<int64_t>() <= asked;
      run.observer().warn(fmt::format(
          "evaluate.label_counts: {} labels a class are asked for, but {} of the {} "
          "classes of '{}' have fewer: all of theirs are used{}",
          asked, fewer, sizes.numel(), set.name, all ? ", and the column is headed by 100 %" : ""));
    }
  }
}

void check_engine(Run& run, const Network& student) {
  const DistillOptions& distill = run.config().distill;
  if (distill.engine != "native") return;
  const NetworkPtr network = student.with_operators(distill.operators());
  const auto theta_type = torch::TensorOptions(torch::kFloat32).device(run.device());
  if (native::native_convnet(*network, torch::empty({0}, theta_type)) != nullptr) return;
  throw Error(fmt::format(
      "distill.engine is native, which is for a convnet of instance norm, ReLU and average pooling "
      "on a CPU, up to a width of {}; set it to auto",
      native::kMostWidth));
}

// Mistakes in [distill] that only distillation itself would find.
void check_distillation(Run& run, const Network& student) {
  const DistillOptions& distill = run.config().distill;
  check_engine(run, student);
  if (!distill.start.empty()) check_starting_set(run, distill.start, student.output_dim());
}

void check_views(Run& run) {
  if (set_size(run) >= 2) return;
  throw Error(
      "subset.size is 1, but mtt-ssl compares two views of several images; set it to at least 2, "
      "or leave mtt-ssl out of evaluate.methods");
}

}  // namespace

void check_run(Run& run, const StageNames& left) {
  if (any_of(left, {"evaluate", "probe"})) {
    check_comparison(run);
    warn_of_labels(run);
  }
  if (any_of(left, {"subset", "distill", "krr-st", "mtt-ssl"})) set_size(run);
  if (any_of(left, {"mtt-ssl"})) check_views(run);
  const bool with_students =
      any_of(left, {"experts", "subset", "distill", "krr-st", "mtt-ssl", "pretrain"});
  if (!with_students && !any_of(left, {"teacher", "embed"})) return;
  const int64_t dim = checked_dim(run, left);
  if (!with_students) return;
  native::chosen_isa();  // says what is wrong with MKDT_ISA
  const ImageSet& images = run.images(Part::kTrain);
  const NetworkPtr student =
      run.config().experts.student(images.channels(), images.image_size(), dim);
  if (any_of(left, {"distill"})) check_distillation(run, *student);
}

}  // namespace mkdt
