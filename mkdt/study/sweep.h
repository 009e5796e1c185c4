// The same experiment with one thing changed: a run for each variant, beside the run that it
// varies; mkdt study size, teacher and options.
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
  std::string name;                      // for people, and as a folder: "500 images"
  std::vector<std::string> assignments;  // section.key=value
};

struct VariantResult {
  std::string name;
  std::filesystem::path folder;  // its run
  std::vector<ComparisonRow> rows;
};

// The run's configuration with further assignments behind its own.
using LoadConfig =
    std::function<std::unique_ptr<Config>(const std::vector<std::string>& assignments)>;

// Does the comparison ([evaluate]) of every variant in `folder`/NAME. A stage that `run_folder` or
// an earlier variant has done with the same options, from the same files, is taken over (by hard
// links where the file system has them). All configurations are checked before the first one
// begins; what is done is kept; what would be lost of an earlier sweep is replaced where
// `may_replace` says so. Error if there are no variants or two would have one folder.
std::vector<VariantResult> sweep(const LoadConfig& load, const std::vector<Variant>& variants,
                                 const std::filesystem::path& run_folder,
                                 const std::filesystem::path& folder, Observer& observer,
                                 const MayReplace& may_replace = nullptr);

// All rows in one list, each data set with its variant behind it ("cifar10, 500 images"): a table,
// and a difference to the random subset, is of one variant.
std::vector<ComparisonRow> merged(const std::vector<VariantResult>& results);

// mkdt study size, teacher and options: what the size of the synthetic set, the teacher, or any
// other option is worth; questions that the paper leaves open.

// The comparison for each number of synthetic images. Writes study/size/results.md, .tex, .csv and
// .json (publish/results.h), and representation_loss.svg; the runs are beside them. Returns the
// tables.
std::vector<Table> size_study(const LoadConfig& load, std::vector<int64_t> sizes,
                              const std::filesystem::path& run_folder, Observer& observer,
                              const MayReplace& may_replace = nullptr);

// The comparison for each teacher, given as options of [teacher]: "width=32", or "algorithm=simclr
// epochs=50". Representation losses compare within a teacher only: every teacher has targets of its
// own. Writes study/teacher/results.*; the first lines of results.md say how good each teacher is.
std::vector<Table> teacher_study(const LoadConfig& load, const std::vector<std::string>& teachers,
                                 const std::filesystem::path& run_folder, Observer& observer,
                                 const MayReplace& may_replace = nullptr);

// The comparison for each setting of whatever options: "distill.objective=representation
// distill.iterations=300". Writes study/options/results.*.
std::vector<Table> options_study(const LoadConfig& load, const std::vector<std::string>& settings,
                                 const std::filesystem::path& run_folder, Observer& observer,
                                 const MayReplace& may_replace = nullptr);

}  // namespace mkdt
