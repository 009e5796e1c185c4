// mkdt: distil an unlabelled image set into a few synthetic images.
#include <exception>
#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/allocator.h"
#include "cli/commands.h"
#include "cli/stop_signal.h"
#include "mkdt/core/error.h"
#include "mkdt/core/stopped.h"
#include "mkdt/core/version.h"

namespace {

constexpr int kUserError = 2;      // what the user can mend: a path, a file, an option
constexpr int kInternalError = 3;  // a mistake of ours
constexpr int kSignalled = 128;    // and the signal's number, as shells have it

int run(int argc, char** argv) {
  CLI::App app(
      "Compress an unlabelled image set into a tiny synthetic one for self-supervised "
      "pre-training (MKDT, arXiv 2410.02116).",
      "mkdt");
  app.set_version_flag("--version", "mkdt " + mkdt::version());
  app.require_subcommand(1);
  app.footer(
      "Start with: mkdt run configs/demo.toml\nWhat it will take: mkdt plan "
      "configs/demo.toml\nEvery option: mkdt options");
  mkdt::cli::ExitStatus status = 0;
  std::string allocator = "cached";
  mkdt::cli::add_run_commands(app);
  mkdt::cli::add_plan_command(app);
  mkdt::cli::add_compare_command(app);
  mkdt::cli::add_study_command(app);
  mkdt::cli::add_augment_sheet_command(app);
  mkdt::cli::add_export_command(app);
  mkdt::cli::add_inspect_command(app);
  mkdt::cli::add_verify_command(app, status);
  mkdt::cli::add_check_command(app, status);
  mkdt::cli::add_bench_command(app, allocator);
  mkdt::cli::add_options_command(app);
  mkdt::cli::add_info_command(app);
  app.parse_complete_callback([&] { mkdt::cli::use_allocator(allocator); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUserError;
  }
  return status;
}

// As one word of a shell.
std::string quoted(const std::string& word) {
  const bool plain =
      !word.empty() && word.find_first_of(" \t\n'\"\\$`*?[]{}()<>|&;#~!") == std::string::npos;
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// What the user typed, to be typed again.
std::string command_line(int argc, char** argv) {
  std::string text = "mkdt";
  for (int i = 1; i < argc; ++i) text += " " + quoted(argv[i]);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  mkdt::cli::ask_to_stop_on_signals();
  try {
    return run(argc, argv);
  } catch (const mkdt::Stopped&) {
    fmt::print(stderr, "mkdt: stopped; what is done is kept, go on with: {}\n",
               command_line(argc, argv));
    return kSignalled + mkdt::cli::stop_signal();
  } catch (const mkdt::Error& error) {
    fmt::print(stderr, "mkdt: {}\n", error.what());
    return kUserError;
  } catch (const std::filesystem::filesystem_error& error) {  // a folder that cannot be listed
    fmt::print(stderr, "mkdt: {}: {}\n", error.path1().string(), error.code().message());
    return kUserError;
  } catch (const std::exception& error) {
    fmt::print(stderr, "mkdt: internal error: {}\n", error.what());
    return kInternalError;
  }
}
