// A run of the pipeline in a folder of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/stages/pipeline.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {

using Strings = std::set<std::string>;

// Which stages were done, and what was said of the others.
class StageObserver : public Observer {
 public:
  void info(const std::string& message) override {
    const size_t colon = message.find(": done in");
    if (colon != std::string::npos) done.insert(message.substr(0, colon));
    said += message + "\n";
  }
  void warn(const std::string& message) override { said += message + "\n"; }
  Strings done;
  std::string said;
};

inline bool replace_it(const FinishedWork& /*lost*/) { return true; }

class PipelineTest : public ::testing::Test {
 protected:
  PipelineTest() { write_text_atomically(folder_ / "tiny.toml", tiny_config()); }

  std::unique_ptr<Config> config(const std::vector<std::string>& assignments = {}) const {
    return Config::load(folder_ / "tiny.toml", assignments);
  }
  StageObserver run(const std::vector<std::string>& assignments = {}, const std::string& stage = "",
                    const std::string& out = "run") const {
    StageObserver observer;
    run_pipeline(*config(assignments), folder_ / out, stage, observer, replace_it);
    return observer;
  }
  std::string bits(const std::string& out) const {
    return file_checksum(folder_ / out / "distill" / "distilled.safetensors");
  }

  TemporaryFolder folder_;
};

}  // namespace mkdt::testing
