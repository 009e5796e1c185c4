// mkdt study size, teacher and options: what the size of the synthetic set, the teacher, or any
// other option is worth; questions that the paper leaves open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/core/observer.h"
#include "mkdt/report/table.h"
#include "mkdt/study/sweep.h"

namespace mkdt {

// The comparison for each number of synthetic images. Writes study/size/results.md, .tex, .csv and
// .json (report/results.h), and representation_loss.svg; the runs are beside them. Returns the
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
