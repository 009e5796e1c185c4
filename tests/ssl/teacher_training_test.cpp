#include "mkdt/ssl/teacher_training.h"

#include <fstream>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/io/safetensors.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/ssl/tiny_teacher.h"

namespace mkdt {
namespace {

using testing::stripes;
using testing::tiny_options;

class Recorder : public Observer {
 public:
  void begin(const std::string& task, int64_t total, const std::string& unit) override {
    begun.push_back(task + " " + std::to_string(total) + " " + unit);
  }
  void advance(int64_t done, const std::string& note) override {
    notes.push_back(note);
    if (done == stop_after) throw std::runtime_error("stopped");
  }
  void info(const std::string& message) override { said.push_back(message); }
  void warn(const std::string& message) override { warnings.push_back(message); }
  void metric(const std::string& name, int64_t step, double value) override {
    metrics[name][step] = value;
  }

  bool stop_wanted() const override { return questions_left > 0 && --questions_left == 0; }

  int64_t stop_after = -1;
  mutable int64_t questions_left = 0;
  std::vector<std::string> begun, notes, said, warnings;
  std::map<std::string, std::map<int64_t, double>> metrics;
};

TEST(TeacherTraining, LossFallsAndIsReported) {
  Recorder recorder;
  const Teacher teacher = train_teacher(stripes(128), tiny_options(), 1, torch::kCPU, recorder);
  EXPECT_FALSE(teacher.encoder->is_training());
  EXPECT_EQ(recorder.begun, std::vector<std::string>{"teacher 384 images"});
  EXPECT_EQ(recorder.said[0], "teacher: resnet18 width 4, 16 pixels, 32 dimensions, barlow-twins");
  const auto& loss = recorder.metrics.at("teacher/loss");
  ASSERT_EQ(loss.size(), 3U);
  EXPECT_LT(loss.at(3), 0.9 * loss.at(1));
  for (const char* name : {"teacher/feature_std", "teacher/embedding_std"}) {
    for (const auto& [epoch, value] : recorder.metrics.at(name)) {
      EXPECT_TRUE(value > 0.01 && value < 1.01) << name << " " << epoch << " " << value;
    }
  }
  for (const char* name : {"teacher/feature_rank", "teacher/embedding_rank"}) {
    EXPECT_EQ(recorder.metrics.at(name).size(), 3U);
    EXPECT_GT(recorder.metrics.at(name).at(3), 1.5) << name;
  }
  ASSERT_EQ(recorder.notes.size(), 12U);  // one a step
  EXPECT_EQ(recorder.notes[4].rfind("epoch 2/3, loss ", 0), 0U) << recorder.notes[4];
}

TEST(TeacherTraining, SameSeedSameBits) {
  Observer silent;
  TeacherTrainingOptions options = tiny_options();
  options.epochs = 1;
  const ImageSet images = stripes(64);
  const auto fingerprint = [&](uint64_t seed) {
    return train_teacher(images, options, seed, torch::kCPU, silent).fingerprint();
  };
  const std::string first = fingerprint(1);
  EXPECT_EQ(fingerprint(1), first);
  EXPECT_NE(fingerprint(2), first);
}

TEST(TeacherTraining, ContinuesFromACheckpointToTheSameBits) {
  const testing::TemporaryFolder folder;
  const ImageSet images = stripes(128);
  for (const auto& [algorithm, optimiser] : {std::pair("barlow-twins", "adamw"),
                                             {"simclr", "sgd"},
                                             {"vicreg", "lars"},
                                             {"byol", "adamw"}}) {
    TeacherTrainingOptions options = tiny_options();
    options.objective.algorithm = algorithm;
    options.optimiser.optimiser = optimiser;
    const auto checkpoint = folder / algorithm;
    Recorder stopping;
    stopping.stop_after = 128 + 64;  // in the middle of the second epoch
    EXPECT_THROW(train_teacher(images, options, 1, torch::kCPU, stopping, {{checkpoint}}),
                 std::runtime_error);

    Recorder resumed, uninterrupted;
    const Teacher a = train_teacher(images, options, 1, torch::kCPU, resumed, {{checkpoint}});
    const Teacher b = train_teacher(images, options, 1, torch::kCPU, uninterrupted);
    EXPECT_EQ(a.fingerprint(), b.fingerprint()) << algorithm;
    // The end of the first epoch is reported again, as it was.
    EXPECT_EQ(resumed.metrics.at("teacher/loss").at(1),
              uninterrupted.metrics.at("teacher/loss").at(1));
    EXPECT_EQ(resumed.metrics.at("teacher/loss").at(3),
              uninterrupted.metrics.at("teacher/loss").at(3));
  }
}

TEST(TeacherTraining, EveryAlgorithmLowersItsLoss) {
  for (const char* algorithm : {"barlow-twins", "simclr", "vicreg", "byol"}) {
    TeacherTrainingOptions options = tiny_options();
    options.objective.algorithm = algorithm;
    options.epochs = 8;
    options.optimiser.lr = 5e-3;
    Recorder recorder;
    train_teacher(stripes(128), options, 1, torch::kCPU, recorder);
    const auto& loss = recorder.metrics.at("teacher/loss");
    EXPECT_LT(loss.at(8), loss.at(1)) << algorithm;
    EXPECT_TRUE(recorder.warnings.empty()) << algorithm << ": " << recorder.warnings[0];
  }
}

// Behind a projector of zeros nothing is told apart, and no gradient leads out.
TEST(TeacherTraining, SaysWhenTheEncoderCollapses) {
  const testing::TemporaryFolder folder;
  const auto checkpoint = folder / "checkpoint.safetensors";
  const TeacherTrainingOptions options = tiny_options();
  const ImageSet images = stripes(128);
  Recorder stopping;
  stopping.stop_after = 128 + 32;
  EXPECT_THROW(train_teacher(images, options, 1, torch::kCPU, stopping, {{checkpoint}}),
               std::runtime_error);
  EXPECT_TRUE(stopping.warnings.empty());
  TensorFile file = read_safetensors(checkpoint);
  for (auto& [name, tensor] : file.tensors) {
    if (name.rfind("algorithm.projector", 0) == 0) tensor = torch::zeros_like(tensor);
  }
  put_checksum(file);
  write_safetensors(folder / "zeros.safetensors", file);

  Recorder recorder;
  train_teacher(images, options, 1, torch::kCPU, recorder, {{folder / "zeros.safetensors"}});
  ASSERT_EQ(recorder.warnings.size(), 1U);  // not once an epoch
  EXPECT_EQ(recorder.warnings[0].rfind("teacher: collapsed in epoch 2: all images get nearly", 0),
            0U)
      << recorder.warnings[0];
}

TEST(TeacherTraining, ProbesEverySoManyEpochsAndAtTheEnd) {
  TeacherTrainingOptions options = tiny_options();
  options.epochs = 5;
  std::vector<int64_t> probed;
  TeacherTrainingHooks hooks;
  hooks.probe_every = 2;
  hooks.probe = [&](const Teacher& teacher, int64_t epoch) {
    EXPECT_FALSE(teacher.encoder->is_training());
    probed.push_back(epoch);
  };
  Observer silent;
  const ImageSet images = stripes(64);
  const Teacher a = train_teacher(images, options, 1, torch::kCPU, silent, hooks);
  EXPECT_EQ(probed, (std::vector<int64_t>{2, 4, 5}));
  EXPECT_EQ(a.fingerprint(), train_teacher(images, options, 1, torch::kCPU, silent).fingerprint());
}

TEST(TeacherTraining, StartsOverWhenTheCheckpointIsOfAnotherTraining) {
  const testing::TemporaryFolder folder;
  const auto checkpoint = folder / "checkpoint.safetensors";
  const ImageSet images = stripes(64);
  TeacherTrainingOptions options = tiny_options();
  options.epochs = 1;
  Recorder recorder;
  train_teacher(images, options, 1, torch::kCPU, recorder, {{checkpoint}});
  EXPECT_TRUE(recorder.warnings.empty());

  train_teacher(images, options, 2, torch::kCPU, recorder, {{checkpoint}});
  ASSERT_EQ(recorder.warnings.size(), 1U);
  EXPECT_NE(recorder.warnings[0].find(checkpoint.string()), std::string::npos);
}

TEST(TeacherTraining, ACheckpointThatCannotBeUsedIsSaidAndTheOneBeforeCounts) {
  const testing::TemporaryFolder folder;
  const auto checkpoint = folder / "checkpoint.safetensors";
  const ImageSet images = stripes(64);
  const TeacherTrainingOptions options = tiny_options();  // 3 epochs
  Observer silent;
  const Teacher whole = train_teacher(images, options, 1, torch::kCPU, silent, {{checkpoint}});
  struct Fault {
    const char* tensor;
    const char* said;
  };
  for (const Fault& fault :
       {Fault{"optimiser.first", "the optimiser's state is not this teacher's"},
        Fault{"optimiser", "of an earlier version of mkdt"}}) {
    TensorFile file = read_safetensors(checkpoint);
    file.tensors[fault.tensor] = torch::zeros({10});
    put_checksum(file);
    write_safetensors(checkpoint, file);
    Recorder recorder;
    const Teacher again = train_teacher(images, options, 1, torch::kCPU, recorder, {{checkpoint}});
    EXPECT_EQ(again.fingerprint(), whole.fingerprint());
    ASSERT_EQ(recorder.warnings.size(), 2U);
    EXPECT_NE(recorder.warnings[0].find("checkpoint.safetensors: "), std::string::npos);
    EXPECT_NE(recorder.warnings[0].find(fault.said), std::string::npos) << recorder.warnings[0];
    EXPECT_EQ(recorder.metrics.at("teacher/loss").count(1), 0U);
    EXPECT_EQ(recorder.metrics.at("teacher/loss").count(3), 1U);
  }
}

TEST(TeacherTraining, StopsAfterAnyStepAndGoesOnToTheSameBits) {
  const testing::TemporaryFolder folder;
  const ImageSet images = stripes(128);
  TeacherTrainingOptions options = tiny_options();
  options.epochs = 2;
  TeacherTrainingHooks hooks;
  hooks.checkpoint = {folder / "checkpoint.safetensors"};
  Recorder uninterrupted, last;
  const Teacher whole = train_teacher(images, options, 1, torch::kCPU, uninterrupted);
  int64_t stops = 0;
  std::string fingerprint;
  while (fingerprint.empty()) {
    last = Recorder();
    last.questions_left = 3;  // one a step
    try {
      fingerprint = train_teacher(images, options, 1, torch::kCPU, last, hooks).fingerprint();
    } catch (const Stopped&) {
      ASSERT_LT(++stops, 20);
    }
  }
  EXPECT_GE(stops, 2);
  EXPECT_EQ(fingerprint, whole.fingerprint());
  EXPECT_EQ(last.metrics.at("teacher/loss").at(2), uninterrupted.metrics.at("teacher/loss").at(2));
  EXPECT_EQ(last.metrics.at("teacher/feature_rank").at(2),
            uninterrupted.metrics.at("teacher/feature_rank").at(2));
}

TEST(TeacherTraining, SaysWhatToDoAboutALossThatIsNotFinite) {
  Observer silent;
  TeacherTrainingOptions options = tiny_options();
  options.optimiser.warmup_epochs = 0;
  options.optimiser.lr = 1e30;
  try {
    train_teacher(stripes(128), options, 1, torch::kCPU, silent);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("lower teacher.lr"), std::string::npos)
        << error.what();
  }
}

TEST(TeacherTraining, NoEpochsGiveTheRandomEncoder) {
  Observer silent;
  TeacherTrainingOptions options = tiny_options();
  options.epochs = 0;
  const ImageSet images = stripes(8);
  const Teacher a = train_teacher(images, options, 1, torch::kCPU, silent);
  const Teacher b = train_teacher(images, options, 1, torch::kCPU, silent);
  EXPECT_EQ(a.fingerprint(), b.fingerprint());
}

TEST(TeacherTraining, TakesSetsSmallerThanABatchAndMixedPrecision) {
  Recorder recorder;
  TeacherTrainingOptions options = tiny_options();
  options.epochs = 1;
  options.precision = "bfloat16";
  train_teacher(stripes(10), options, 1, torch::kCPU, recorder);
  EXPECT_EQ(recorder.metrics.at("teacher/loss").size(), 1U);
}

TEST(TeacherTraining, NeedsImages) {
  Observer silent;
  EXPECT_THROW(train_teacher(stripes(1), tiny_options(), 1, torch::kCPU, silent), Error);
}

}  // namespace
}  // namespace mkdt
