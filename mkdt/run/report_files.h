// What stages keep for reports alone; no other stage reads it, so results depend on none of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/distill/synthetic_set.h"
#include "mkdt/run/run.h"

namespace mkdt {

// Whether a stage's output is one of these files, by its name.
bool is_for_reports(const std::filesystem::path& file);

// STAGE/start.safetensors: the set that an optimisation starts from, in the form of its result.
void write_start(const Run& run, const std::string& stage, const SyntheticSet& start);
std::filesystem::path start_file(const std::filesystem::path& run_folder, const std::string& stage);

// Where the classes lie among the targets. Distillation knows no labels; whoever looks at its
// images may.
struct ClassMeans {
  torch::Tensor means;             // float32 [K,d], of the training images' representations
  std::vector<std::string> names;  // one a class
};

// embed/classes.safetensors, if the training images are labelled.
void write_class_means(Run& run);
// Nothing where there is no such file. Error naming the file if it is not one.
std::optional<ClassMeans> read_class_means(const std::filesystem::path& run_folder);

}  // namespace mkdt
