// Keeps files of stages for reports alone; no other stage reads them, so no result depends on them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/distill/synthetic_set.h"
#include "mkdt/run/run.h"

namespace mkdt {

// Tells by its name whether a stage's output is one of these files.
bool is_for_reports(const std::filesystem::path& file);

// Writes STAGE/start.safetensors: the set that an optimisation starts from, in the form of its
// result.
void write_start(const Run& run, const std::string& stage, const SyntheticSet& start);
std::filesystem::path start_file(const std::filesystem::path& run_folder, const std::string& stage);

// The places of the classes among the targets. Distillation knows no labels; whoever looks at its
// images may.
struct ClassMeans {
  torch::Tensor means;             // float32 [K,d], of the training images' representations
  std::vector<std::string> names;  // one a class
};

// Writes embed/classes.safetensors, if the training images are labelled.
void write_class_means(Run& run);
// Returns nothing where there is no such file. Throws Error naming the file if it is not one.
std::optional<ClassMeans> read_class_means(const std::filesystem::path& run_folder);

}  // namespace mkdt
