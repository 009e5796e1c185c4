// A tiny run over all stages, what an uninterrupted one makes, and processes that are to be
// interrupted in a given stage.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/run/manifest.h"
#include "tests/cli/process.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt::testing {

// About three seconds on a slow core, spread over the stages.
inline const char* survival_config() {
  return R"([data]
format = "shapes"
image_size = 16
shapes_train = 120
shapes_test = 100

[teacher]
width = 4
epochs = 3
batch = 32
projector_dim = 16
standardise = true

[experts]
count = 6
width = 4
depth = 2
batch = 32

[subset]
size = 10

[distill]
iterations = 40
syn_steps = 2
batch = 10
checkpoint_every = 3

[krr_st]
steps = 30
batch = 32
pool = 2
reinitialise_after = 5
checkpoint_every = 3

[mtt_ssl]
experts = 2
train_batch = 32
projector_hidden = 8
projector_output = 8
batch = 10
iterations = 10
syn_steps = 2
checkpoint_every = 3

[pretrain]
lrs = [0.05, 0.1]
max_steps = 8
evaluations = 2

[evaluate]
methods = ["none", "random", "krr-st", "mtt-ssl", "distilled", "distilled-png", "ssl", "teacher"]
label_fractions = [0.5]
seeds = 1
curve_points = 1
probe_iterations = 5

[runtime]
checkpoint_minutes = 0.001
threads = 1
)";
}

inline const std::vector<std::string>& survival_stages() {
  static const std::vector<std::string> stages = {"teacher", "embed",   "experts", "subset",
                                                  "distill", "krr-st",  "mtt-ssl", "pretrain",
                                                  "probe",   "evaluate"};
  return stages;
}

using Artifacts = std::map<std::string, std::string>;  // path in the run folder → checksum

// The names of what only one of them has, or what differs.
inline std::set<std::string> differences(const Artifacts& some, const Artifacts& others) {
  std::set<std::string> names;
  for (const auto& [here, there] : {std::pair(&some, &others), std::pair(&others, &some)}) {
    for (const auto& [name, value] : *here) {
      const auto found = there->find(name);
      if (found == there->end() || found->second != value) names.insert(name);
    }
  }
  return names;
}

class SurvivalTest : public ::testing::Test {
 protected:
  SurvivalTest() {
    write_text_atomically(folder_ / "tiny.toml", survival_config());
    std::filesystem::create_directories(folder_ / "temporary");
  }

  struct Reference {
    Artifacts artifacts, curves;
    std::set<std::string> names;  // of all that is no journal
    std::vector<double> seconds;  // that each stage takes
  };
  // Of an uninterrupted run; it is made once.
  const Reference& reference() const {
    static const Reference made = [this] {
      const int status = start("reference").wait();
      if (status != 0) throw std::runtime_error(read_text(errors()));
      Reference found = {artifacts("reference"), curves("reference"), names("reference"), {}};
      for (const std::string& stage : survival_stages()) {
        found.seconds.push_back(read_manifest(manifest("reference", stage))->seconds);
      }
      std::filesystem::remove_all(folder_ / "reference");
      return found;
    }();
    return made;
  }

  std::filesystem::path errors() const { return folder_ / "errors"; }

  // `mkdt run`, or another subcommand, on the folder of that name.
  Process start(const std::string& run, const Environment& environment = {},
                const std::string& command = "run") const {
    Environment all = environment;
    all["TMPDIR"] = (folder_ / "temporary").string();
    return Process({command, (folder_ / "tiny.toml").string(), "--out", (folder_ / run).string()},
                   errors(), all);
  }

  std::filesystem::path manifest(const std::string& run, const std::string& stage) const {
    return folder_ / run / stage / "manifest.json";
  }

  // The files that the stages say they have made, as they are on the disk.
  Artifacts artifacts(const std::string& run) const {
    Artifacts found;
    for (const std::string& stage : survival_stages()) {
      const auto done = read_manifest(manifest(run, stage));
      EXPECT_TRUE(done.has_value()) << run << " " << stage;
      if (!done) continue;
      for (const auto& [file, sum] : done->outputs) {
        found[file] = file_checksum(folder_ / run / file);
        EXPECT_EQ(found[file], sum) << run << "/" << file;
      }
    }
    return found;
  }

  // Every file in the run folder.
  Artifacts all_files(const std::string& run) const {
    Artifacts found;
    for (const std::string& name : files_below(folder_ / run)) {
      const std::filesystem::path path = folder_ / run / name;
      found[name] = std::filesystem::is_directory(path) ? "folder" : file_checksum(path);
    }
    return found;
  }

  // The last value of every point of every curve; every line is whole.
  Artifacts curves(const std::string& run) const {
    Artifacts points;
    std::istringstream lines(read_text(folder_ / run / "metrics.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      const size_t value = line.find(",\"value\":");
      EXPECT_EQ(line.rfind("{\"name\":", 0), 0U) << run << ": " << line;
      EXPECT_EQ(line.find("{\"name\":", 1), std::string::npos) << run << ": " << line;
      EXPECT_NE(value, std::string::npos) << run << ": " << line;
      if (value != std::string::npos) points[line.substr(0, value)] = line.substr(value);
    }
    return points;
  }

  static std::set<std::string> files_below(const std::filesystem::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      names.insert(std::filesystem::relative(entry.path(), folder).generic_string());
    }
    return names;
  }

  // Files that a finished run has and that are not its artifacts: journals, one event file a
  // process, checkpoints, of which there may be one or two.
  static bool is_journal(const std::string& name) {
    const std::string file = std::filesystem::path(name).filename().string();
    return file.rfind("checkpoint", 0) == 0 || file.rfind("events.out.", 0) == 0;
  }

  std::set<std::string> names(const std::string& run) const {
    std::set<std::string> found;
    for (const std::string& name : files_below(folder_ / run)) {
      if (!is_journal(name)) found.insert(name);
    }
    return found;
  }

  void expect_no_temporary_file(const std::string& run) const {
    for (const std::string& name : files_below(folder_ / run)) {
      EXPECT_EQ(name.find(".tmp"), std::string::npos) << name;
    }
    EXPECT_EQ(files_below(folder_ / "temporary"), std::set<std::string>());
  }

  void expect_as_reference(const std::string& run) const {
    const std::set<std::string> nothing;
    EXPECT_EQ(differences(artifacts(run), reference().artifacts), nothing);
    EXPECT_EQ(differences(curves(run), reference().curves), nothing);
    EXPECT_EQ(names(run), reference().names);
    expect_no_temporary_file(run);
  }

  // The first stage that is not done; their number if all are.
  size_t unfinished(const std::string& run) const {
    const auto& stages = survival_stages();
    size_t stage = 0;
    while (stage < stages.size() && std::filesystem::exists(manifest(run, stages[stage]))) ++stage;
    return stage;
  }

  std::string log(const std::string& run) const {
    const std::filesystem::path path = folder_ / run / "log.jsonl";
    return std::filesystem::exists(path) ? read_text(path) : "";
  }

  // Waits until the process works on one of the next stages, drawn at random, and from there for a
  // random part of the time that the stage takes. False if the process ended before. Then `stage`
  // is the one that it is in.
  bool wait_for_a_moment(Process& process, const std::string& run, std::mt19937& random,
                         std::string& stage) const {
    const auto& stages = survival_stages();
    const size_t before = log(run).size();
    const size_t first = unfinished(run);
    if (first == stages.size()) {  // there is nothing left to stop it in
      stage = stages.back();
      return false;
    }
    const size_t drawn = std::min<size_t>(first + random() % 3, stages.size() - 1);
    const auto works = [&](size_t index) {
      const std::string said = log(run).substr(before);
      const size_t begin = said.find("\"message\":\"" + stages[index] + ": ");
      return begin != std::string::npos &&
             said.compare(begin + 13 + stages[index].size(), 7, "already") != 0;
    };
    process.wait_until([&] { return works(drawn) || unfinished(run) > drawn; });
    const double longest = std::max(reference().seconds[drawn], 0.01);
    const bool running = process.wait_for(longest * static_cast<double>(random() % 1000) / 1000);
    stage = stages[std::min(unfinished(run), stages.size() - 1)];
    return running;
  }

  TemporaryFolder folder_;
};

}  // namespace mkdt::testing
