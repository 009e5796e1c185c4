// The completions of the shells have all that the program has; bash's, and fish's and zsh's where
// they are there, do what Tab does.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cli/command_list.h"
#include "tests/cli/program.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class Completion : public ::testing::Test {
 protected:
  Completion() {
    for (const char* shell : {"bash", "zsh", "fish"}) {
      write_text_atomically(folder_ / shell, script(shell));
    }
    fs::create_directories(folder_ / "here/runs");
    write_text_atomically(folder_ / "here/mine.toml", "");
    write_text_atomically(folder_ / "here/notes.txt", "");
  }

  static const std::string& script(const std::string& shell) {
    static std::map<std::string, std::string> all;
    std::string& text = all[shell];
    if (text.empty()) text = run_program("completion " + shell).out;
    return text;
  }

  // The lines that `script` prints in a folder with files, in order.
  Words lines(const std::string& shell, const std::string& script) const {
    write_text_atomically(folder_ / "script", script);
    const std::string command = "cd " + (folder_ / "here").string() + " && " + shell + " " +
                                (folder_ / "script").string() + " >" + (folder_ / "out").string();
    EXPECT_EQ(std::system(command.c_str()), 0) << script;
    Words found;
    std::istringstream out(read_text(folder_ / "out"));
    for (std::string line; std::getline(out, line);) found.push_back(line);
    std::sort(found.begin(), found.end());
    return found;
  }

  // What bash offers for the last of these words.
  Words in_bash(const Words& words) const {
    std::string typed;
    for (const std::string& word : words) typed += " '" + word + "'";
    return lines("bash --norc", "source ../bash\nCOMP_WORDS=(" + typed +
                                    ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
                                    "\n_mkdt\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
  }

  // What fish offers for a line, without its explanations.
  Words in_fish(const std::string& line) const {
    return lines("fish --no-config", "source ../fish\ncomplete -C '" + line +
                                         "' | string replace -r '\\t.*' ''; true\n");
  }

  TemporaryFolder folder_;
};

bool has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_there(const char* program) {
  return std::system((std::string("command -v ") + program + " >/dev/null").c_str()) == 0;
}

TEST_F(Completion, HasEveryCommandFlagAndOption) {
  const std::vector<ListedCommand>& commands = listed_commands();
  const Words options = listed_options();
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string text = script(shell);
    const bool fish = std::string(shell) == "fish";
    const auto expect = [&](const std::string& word) {
      EXPECT_NE(text.find(word), std::string::npos) << shell << ": " << word;
    };
    for (const ListedCommand& command : commands) {
      expect(command.path.substr(command.path.rfind(' ') + 1));
      for (const std::string& flag : command.flags) expect(fish ? " -l " + flag.substr(2) : flag);
    }
    for (const std::string& key : options) expect(fish ? " -l " + key : key);
    expect("cifar10-small");
  }
}

TEST_F(Completion, BashKnowsEveryCommandAndItsFlags) {
  for (const ListedCommand& command : listed_commands()) {
    Words typed = {"mkdt"};
    std::istringstream path(command.path);
    for (std::string word; path >> word;) typed.push_back(word);
    if (typed.size() > 1) {
      EXPECT_TRUE(has(in_bash(typed), typed.back())) << command.path;
    }
    typed.emplace_back("--");
    const Words offered = in_bash(typed);
    for (const std::string& flag : command.flags) {
      EXPECT_TRUE(has(offered, flag)) << command.path << " " << flag;
    }
  }
}

TEST_F(Completion, BashKnowsWhatStandsWhere) {
  EXPECT_EQ(in_bash({"mkdt", "ver"}), Words({"verify"}));
  EXPECT_EQ(in_bash({"mkdt", "study", "va"}), Words({"variance"}));
  EXPECT_EQ(in_bash({"mkdt", "help", "st"}), Words({"study"}));
  EXPECT_EQ(in_bash({"mkdt", "run", "de"}), Words({"demo"}));
  const Words configurations = in_bash({"mkdt", "run", ""});
  EXPECT_TRUE(has(configurations, "mine.toml") && has(configurations, "runs"));
  EXPECT_FALSE(has(configurations, "notes.txt"));
  EXPECT_TRUE(has(in_bash({"mkdt", "verify", ""}), "runs"));
  EXPECT_TRUE(has(in_bash({"mkdt", "inspect", "no"}), "notes.txt"));
  EXPECT_EQ(in_bash({"mkdt", "presets", "cifar10-s"}), Words({"cifar10-small"}));
  EXPECT_EQ(in_bash({"mkdt", "completion", "z"}), Words({"zsh"}));
  EXPECT_EQ(in_bash({"mkdt", "completion", "--q"}), Words({"--quiet"}));
}

TEST_F(Completion, BashKnowsValues) {
  EXPECT_EQ(in_bash({"mkdt", "export", "runs", "--to", "np"}), Words({"npz"}));
  EXPECT_EQ(in_bash({"mkdt", "export", "--to", "=", "np"}), Words({"npz"}));
  EXPECT_EQ(in_bash({"mkdt", "export", "--to", "="}).size(), 6U);
  EXPECT_EQ(in_bash({"mkdt", "--log-level", "in"}), Words({"info"}));
  EXPECT_EQ(in_bash({"mkdt", "--log-level", "info", "insp"}), Words({"inspect"}));
  EXPECT_EQ(in_bash({"mkdt", "run", "demo", "--out", ""}), Words({"runs"}));
  EXPECT_TRUE(has(in_bash({"mkdt", "report", "runs", "--out", ""}), "notes.txt"));
}

TEST_F(Completion, BashKnowsTheOptionsOfAConfiguration) {
  EXPECT_EQ(in_bash({"mkdt", "run", "demo", "--teac"}), Words({"--teacher."}));
  EXPECT_EQ(in_bash({"mkdt", "run", "demo", "--teacher.alg"}), Words({"--teacher.algorithm"}));
  EXPECT_EQ(in_bash({"mkdt", "run", "demo", "--teacher.algorithm", "by"}), Words({"byol"}));
  EXPECT_EQ(in_bash({"mkdt", "run", "demo", "--set", "teac"}), Words({"teacher."}));
  EXPECT_EQ(in_bash({"mkdt", "run", "demo", "--set", "teacher.alg"}),
            Words({"teacher.algorithm="}));
  EXPECT_EQ(in_bash({"mkdt", "run", "demo", "--set", "teacher.algorithm", "=", "by"}),
            Words({"byol"}));
  EXPECT_EQ(in_bash({"mkdt", "run", "demo", "--teacher.standardise", ""}),
            Words({"false", "true"}));
  EXPECT_EQ(in_bash({"mkdt", "run", "demo", "--evaluate.methods", "distilled,krr"}),
            Words({"distilled,krr-st"}));
  const Words with_dot = in_bash({"mkdt", "run", "demo", "--teacher."});
  for (const std::string& key : listed_options()) {
    EXPECT_EQ(has(with_dot, "--" + key), key.rfind("teacher.", 0) == 0) << key;
  }
  EXPECT_FALSE(has(in_bash({"mkdt", "verify", "--t"}), "--teacher."));
}

TEST_F(Completion, FishDoesTheSame) {
  if (!is_there("fish")) GTEST_SKIP() << "no fish";
  EXPECT_EQ(in_fish("mkdt ver"), Words({"verify"}));
  EXPECT_EQ(in_fish("mkdt study va"), Words({"variance"}));
  EXPECT_EQ(in_fish("mkdt run de"), Words({"demo"}));
  EXPECT_EQ(in_fish("mkdt export runs --to np"), Words({"npz"}));
  EXPECT_EQ(in_fish("mkdt run demo --teacher.alg"), Words({"--teacher.algorithm"}));
  EXPECT_EQ(in_fish("mkdt run demo --teacher.algorithm by"), Words({"byol"}));
  EXPECT_EQ(in_fish("mkdt run demo --set teacher.alg"), Words({"teacher.algorithm="}));
  EXPECT_TRUE(has(in_fish("mkdt verify "), "runs/"));
  EXPECT_TRUE(has(in_fish("mkdt run "), "mine.toml"));
  EXPECT_FALSE(has(in_fish("mkdt run "), "notes.txt"));
  EXPECT_FALSE(has(in_fish("mkdt verify runs --"), "--teacher.algorithm"));
}

TEST_F(Completion, ZshReadsIt) {
  if (!is_there("zsh")) GTEST_SKIP() << "no zsh";
  EXPECT_EQ(std::system(("zsh -n " + (folder_ / "zsh").string()).c_str()), 0);
  // Without a terminal there is nothing to complete; what is declared is.
  const Words found = lines("zsh -f",
                            "autoload -Uz compinit && compinit -u -D\nsource ../zsh\n"
                            "print -l ${_comps[mkdt]} ${+functions[_mkdt_study_size]} "
                            "${${_mkdt_keys%%=*}#--}\n");
  EXPECT_TRUE(has(found, "_mkdt") && has(found, "1"));
  for (const std::string& key : listed_options()) EXPECT_TRUE(has(found, key)) << key;
}

}  // namespace
}  // namespace mkdt::testing
