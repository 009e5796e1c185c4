// The same experiment with one thing changed: a run for each variant, beside the run that it
// varies.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mkdt/core/observer.h"
#include "mkdt/eval/comparison_row.h"
#include "mkdt/pipeline/config.h"
#include "mkdt/pipeline/finished_work.h"

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

}  // namespace mkdt
