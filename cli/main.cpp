// mkdt: distil an unlabelled image set into a few synthetic images.
#include <exception>
#include <filesystem>
#include <sstream>
#include <string>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/allocator.h"
#include "cli/commands.h"
#include "cli/stop_signal.h"
#include "cli/terminal_style.h"
#include "cli/threads.h"
#include "cli/verbosity.h"
#include "mkdt/core/error.h"
#include "mkdt/core/printable.h"
#include "mkdt/core/stopped.h"
#include "mkdt/core/version.h"

namespace {

constexpr int kUserError = 2;      // what the user can mend: a path, a file, an option
constexpr int kInternalError = 3;  // a mistake of ours
constexpr int kSignalled = 128;    // and the signal's number, as shells have it

// Commands that are over before a second start would be.
bool reads_only(const CLI::App& app) {
  for (const char* name : {"options", "info", "inspect", "export", "report", "verify"}) {
    if (app.got_subcommand(name)) return true;
  }
  return false;
}

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
  mkdt::cli::add_report_command(app);
  mkdt::cli::add_augment_sheet_command(app);
  mkdt::cli::add_export_command(app);
  mkdt::cli::add_data_command(app);
  mkdt::cli::add_inspect_command(app);
  mkdt::cli::add_verify_command(app, status);
  mkdt::cli::add_check_command(app, status);
  mkdt::cli::add_bench_command(app, allocator);
  mkdt::cli::add_options_command(app);
  mkdt::cli::add_info_command(app);
  mkdt::cli::add_verbosity_options(app);
  app.parse_complete_callback([&] {
    if (!reads_only(app)) mkdt::cli::spin_briefly(argv);
    mkdt::cli::use_allocator(allocator);
  });
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

void say(const std::string& line, mkdt::cli::Ink ink) {
  const auto style = mkdt::cli::style_of(STDERR_FILENO);
  fmt::print(stderr, "{} {}\n", mkdt::cli::inked("mkdt:", ink, style), line);
}

// What the name of a file or its contents brought into the message does no harm.
void complain(const std::string& message) {
  constexpr size_t kLongest = 4000;  // bytes
  say(mkdt::printable(message, kLongest), mkdt::cli::Ink::kRed);
}

}  // namespace

int main(int argc, char** argv) {
  mkdt::cli::ask_to_stop_on_signals();
  try {
    return run(argc, argv);
  } catch (const mkdt::Stopped&) {
    say("stopped; what is done is kept, go on with: " + command_line(argc, argv),
        mkdt::cli::Ink::kYellow);
    return kSignalled + mkdt::cli::stop_signal();
  } catch (const mkdt::Error& error) {
    complain(error.what());
    return kUserError;
  } catch (const std::filesystem::filesystem_error& error) {  // a folder that cannot be listed
    const std::string path = error.path1().string();
    complain(path.empty() ? error.what() : path + ": " + error.code().message());
    return kUserError;
  } catch (const std::exception& error) {
    std::istringstream lines(std::string("internal error: ") + error.what());
    for (std::string line; std::getline(lines, line);) complain(line);
    return kInternalError;
  }
}
