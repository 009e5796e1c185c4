// Runs the same experiment with one thing changed, a run for each variant, beside the run that it
// varies; and implements `mkdt study size`, `teacher` and `options`, which ask what the paper
// leaves open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/compare/comparison_store.h"
#include "mkdt/publish/table.h"
#include "mkdt/run/config.h"
#include "mkdt/stages/finished_work.h"

namespace mkdt {

struct Variant {
  std::string name;                      // for people, and for the folder: "500 images"
  std::vector<std::string> assignments;  // section.key=value
};

struct VariantResult {
  std::string name;
  std::filesystem::path folder;  // its run
  std::vector<ComparisonRow> rows;
};

// Loads the run's configuration with further assignments behind its own.
using LoadConfig =
    std::function<std::unique_ptr<Config>(const std::vector<std::string>& assignments)>;

// Runs the comparison ([evaluate]) of every variant in `folder`/NAME. A stage that `run_folder` or
// an earlier variant has done with the same options, from the same files, is taken over (by hard
// links where the file system has them). All configurations are checked before the first one
// begins; finished work is kept; work of an earlier sweep that would be lost is replaced where
// `may_replace` says so. Throws Error if there are no variants or two would have one folder.
std::vector<VariantResult> sweep(const LoadConfig& load, const std::vector<Variant>& variants,
                                 const std::filesystem::path& run_folder,
                                 const std::filesystem::path& folder, Observer& observer,
                                 const MayReplace& may_replace = nullptr);

// Returns all rows in one list, each data set with its variant behind it ("cifar10, 500 images"): a
// table, and a difference to the random subset, is of one variant.
std::vector<ComparisonRow> merged(const std::vector<VariantResult>& results);

// Runs the comparison for each number of synthetic images. Writes study/size/results.md, .tex, .csv
// and .json (publish/results.h), and representation_loss.svg; the runs are beside them. Returns the
// tables.
std::vector<Table> size_study(const LoadConfig& load, std::vector<int64_t> sizes,
                              const std::filesystem::path& run_folder, Observer& observer,
                              const MayReplace& may_replace = nullptr);

// Runs the comparison for each teacher, given as options of [teacher]: "width=32", or
// "algorithm=simclr epochs=50". Representation losses compare within a teacher only: every teacher
// has targets of its own. Writes study/teacher/results.*; the first lines of results.md say how
// good each teacher is. Returns the tables.
std::vector<Table> teacher_study(const LoadConfig& load, const std::vector<std::string>& teachers,
                                 const std::filesystem::path& run_folder, Observer& observer,
                                 const MayReplace& may_replace = nullptr);

// Runs the comparison for each setting of any options: "distill.objective=representation
// distill.iterations=300". Writes study/options/results.*. Returns the tables.
std::vector<Table> options_study(const LoadConfig& load, const std::vector<std::string>& settings,
                                 const std::filesystem::path& run_folder, Observer& observer,
                                 const MayReplace& may_replace = nullptr);

}  // namespace mkdt
