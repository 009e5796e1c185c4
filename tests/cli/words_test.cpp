// What the program says of words that it does not know, and of how to begin.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/program.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

// One line, status 2, with all of `parts`.
void expect_line(const std::string& arguments, const std::vector<std::string>& parts) {
  const ProgramResult result = run_program(arguments);
  EXPECT_EQ(result.status, 2) << arguments;
  EXPECT_EQ(result.err.rfind("mkdt: ", 0), 0U) << result.err;
  EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
  for (const std::string& part : parts) {
    EXPECT_NE(result.err.find(part), std::string::npos) << arguments << ": " << result.err;
  }
}

TEST(Words, TheNearestCommandIsNamed) {
  expect_line("rnu", {"there is no command 'rnu'", "the nearest is 'run'", "`mkdt help`"});
  expect_line("rnu configs/demo.toml --out x", {"the nearest is 'run'"});
  expect_line("study cots", {"there is no command 'cots'", "'cost'", "`mkdt help study`"});
  expect_line("dance", {"there is no command 'dance'; `mkdt help` lists all"});
  expect_line("", {"a command is missing", "`mkdt help`"});
  expect_line("bench", {"a command is missing", "`mkdt help bench`"});
}

TEST(Words, TheNearestOptionIsNamed) {
  expect_line("--versoin", {"there is no option '--versoin'", "the nearest is '--version'"});
  expect_line("plan --jsn", {"'--jsn'", "the nearest is '--json'", "`mkdt help plan`"});
  expect_line("run x.toml --distil.iterations 3", {"the nearest is '--distill.iterations'"});
  expect_line("run x.toml --distil.iterations=3", {"the nearest is '--distill.iterations'"});
  expect_line("report runs/a --wtach", {"the nearest is '--watch'"});
  expect_line("info --zzzzzzz", {"there is no option '--zzzzzzz'; `mkdt help info`"});
}

TEST(Words, HelpIsACommandToo) {
  const ProgramResult all = run_program("help");
  EXPECT_EQ(all.status, 0) << all.err;
  EXPECT_EQ(all.out, run_program("--help").out);
  EXPECT_EQ(run_program("help plan").out, run_program("plan --help").out);
  EXPECT_EQ(run_program("help study size").out, run_program("study size --help").out);
  expect_line("help rnu", {"there is no command 'rnu'", "'run'"});
}

TEST(Words, TheFirstStepsNamePresetsThatAreThere) {
  const TemporaryFolder folder;
  const fs::path program = std::getenv("MKDT_PROGRAM");
  fs::create_directories(folder / "bin");
  fs::create_directories(folder / "elsewhere");
  fs::copy_file(program, folder / "bin/mkdt");
  const auto help = [&] {
    const std::string out = (folder / "out").string();
    const std::string command = "cd " + (folder / "elsewhere").string() + " && " +
                                (folder / "bin/mkdt").string() + " --help >" + out;
    EXPECT_EQ(std::system(command.c_str()), 0);
    return read_text(out);
  };
  EXPECT_NE(help().find("Start with: mkdt run CONFIG"), std::string::npos) << help();

  const fs::path installed = folder / "share/mkdt/configs";
  fs::create_directories(installed);
  write_text_atomically(installed / "demo.toml", "");
  EXPECT_NE(help().find("Start with: mkdt run demo"), std::string::npos) << help();

  fs::remove_all(folder / "share");
  fs::create_directories(folder / "elsewhere/configs");
  write_text_atomically(folder / "elsewhere/configs/demo.toml", "");
  EXPECT_NE(help().find("Start with: mkdt run demo"), std::string::npos) << help();
}

TEST(Words, OtherFaultsOfTheCommandLineAreALineToo) {
  expect_line("run x.toml --out a --out b", {"--out", "`mkdt help run`"});
  expect_line("run x.toml --teacher.epochs 1 --teacher.epochs 2", {"`mkdt help run`"});
  expect_line("run x.toml --out ''", {"--out", "it is empty"});
  expect_line("export runs/a --to jpg", {"--to", "dataset"});
  expect_line("run", {"CONFIG is required"});
  expect_line("plan nosuch", {"no file and no run folder", "`mkdt presets` lists all"});
}

}  // namespace
}  // namespace mkdt::testing
