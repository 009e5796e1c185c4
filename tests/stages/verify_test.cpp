#include "mkdt/stages/verify.h"

#include <map>

#include "mkdt/base/error.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;

class VerifyTest : public testing::PipelineTest {
 protected:
  std::map<std::string, FileState> verified() const {
    Observer silent;
    std::map<std::string, FileState> states;
    for (const VerifiedFile& file : verify_run(folder_ / "run", silent)) {
      states[file.path] = file.state;
    }
    return states;
  }
  void flip_a_bit(const std::string& file) const {
    std::string bytes = read_text(folder_ / "run" / file);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_text_atomically(folder_ / "run" / file, bytes);
  }
};

TEST_F(VerifyTest, FindsWhatIsDamagedAndMissing) {
  run();
  for (const auto& [file, state] : verified()) {
    EXPECT_TRUE(state == FileState::kWhole || state == FileState::kUnchecked) << file;
  }
  const std::vector<std::string> files = {
      "embed/train.safetensors", "experts/expert_0000.safetensors", "distill/contact_sheet.png",
      "distill/checkpoint.safetensors", "evaluate/checkpoint-rows.json"};
  for (const std::string& file : files) {
    EXPECT_EQ(verified().at(file), FileState::kWhole) << file;
    flip_a_bit(file);
    EXPECT_EQ(verified().at(file), FileState::kDamaged) << file;
  }
  write_text_atomically(folder_ / "run/probe/manifest.json", "{");
  EXPECT_EQ(verified().at("probe/manifest.json"), FileState::kDamaged);
  fs::remove(folder_ / "run/subset/random.safetensors");
  EXPECT_EQ(verified().at("subset/random.safetensors"), FileState::kMissing);
  EXPECT_EQ(verified().at("log.jsonl"), FileState::kUnchecked);
}

TEST_F(VerifyTest, NeedsARun) {
  Observer silent;
  EXPECT_THROW(verify_run(folder_ / "nowhere", silent), Error);
  fs::create_directories(folder_ / "empty");
  EXPECT_THROW(verify_run(folder_ / "empty", silent), Error);
}

// Before anything is deleted.
TEST_F(VerifyTest, AStageRefusesToReadWhatIsDamaged) {
  run();
  flip_a_bit("experts/expert_0001.safetensors");
  const auto before = fs::last_write_time(folder_ / "run/subset/random.safetensors");
  try {
    run({"subset.size=11"});
    FAIL() << "no error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("expert_0001.safetensors: damaged since 'experts' wrote it"),
              std::string::npos)
        << message;
  }
  EXPECT_EQ(fs::last_write_time(folder_ / "run/subset/random.safetensors"), before);
  fs::remove(folder_ / "run/experts/expert_0001.safetensors");
  EXPECT_EQ(run({"subset.size=11"}).done.count("experts"), 1U);
}

}  // namespace
}  // namespace mkdt
