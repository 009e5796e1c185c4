// mkdt: distil an unlabelled image set into a few synthetic images.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/allocator.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/shell_word.h"
#include "cli/standard_streams.h"
#include "cli/stop_signal.h"
#include "cli/terminal_style.h"
#include "cli/threads.h"
#include "cli/verbosity.h"
#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/text.h"
#include "mkdt/base/version.h"

namespace {

constexpr int kUserError = 2;      // a fault that the user can mend: a path, a file, an option
constexpr int kInternalError = 3;  // a mistake of ours
constexpr int kSignalled = 128;    // and the signal's number, as shells have it

// Tells whether a command is over before a second start would be.
bool reads_only(const CLI::App& app) {
  for (const char* name : {"options", "presets", "info", "inspect", "export", "report", "verify",
                           "help", "completion", "man"}) {
    if (app.got_subcommand(name)) return true;
  }
  return false;
}

// Returns the command line as the user would type it again.
std::string command_line(int argc, char** argv) {
  std::string text = "mkdt";
  for (int i = 1; i < argc; ++i) text += " " + mkdt::cli::shell_word(argv[i]);
  return text;
}

void say(const std::string& line, mkdt::cli::Ink ink) {
  const auto style = mkdt::cli::style_of(STDERR_FILENO);
  mkdt::cli::put_error_line(mkdt::cli::inked("mkdt:", ink, style) + " " + line);
}

// Prints a message in which the name of a file or its contents do no harm.
void complain(const std::string& message) {
  constexpr size_t kLongest = 4000;  // bytes
  say(mkdt::printable(message, kLongest), mkdt::cli::Ink::kRed);
}

// Says what became of the work of the command that was stopped.
std::string after_stop(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands()) {
    const std::string& name = command->get_name();
    const CLI::Option* dry_run = command->get_option_no_throw("--dry-run");
    const bool keeps_nothing =
        name == "plan" || name == "augment-sheet" || (dry_run != nullptr && dry_run->count() > 0);
    if (keeps_nothing) return "stopped; nothing was written, begin again with: ";
  }
  return "stopped; finished work is kept, continue with: ";
}

int run(int argc, char** argv) {
  CLI::App app(
      "Compress an unlabelled image set into a tiny synthetic one for self-supervised "
      "pre-training (MKDT, arXiv 2410.02116).",
      "mkdt");
  app.set_version_flag("--version", "mkdt " + mkdt::version());
  app.require_subcommand(1);
  app.footer(mkdt::cli::first_steps());
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
  mkdt::cli::add_cache_command(app);
  mkdt::cli::add_inspect_command(app);
  mkdt::cli::add_verify_command(app, status);
  mkdt::cli::add_check_command(app, status);
  mkdt::cli::add_bench_command(app, allocator);
  mkdt::cli::add_presets_command(app);
  mkdt::cli::add_options_command(app);
  mkdt::cli::add_info_command(app);
  mkdt::cli::add_documentation_commands(app);
  mkdt::cli::add_verbosity_options(app);
  mkdt::cli::add_help_command(app);
  app.parse_complete_callback([&] {
    if (!reads_only(app)) mkdt::cli::spin_briefly(argv);
    mkdt::cli::use_allocator(allocator);
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const auto unknown = mkdt::cli::unknown_word(app, error);
    if (unknown) throw mkdt::Error(*unknown);
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    throw mkdt::Error(mkdt::cli::parse_fault(app, error));
  } catch (const mkdt::Stopped&) {
    say(after_stop(app) + command_line(argc, argv), mkdt::cli::Ink::kYellow);
    return kSignalled + mkdt::cli::stop_signal();
  }
  return status;
}

// Runs the program without its beginning and end: an exception becomes a line and a status. A fault
// of standard output becomes `output_fault`.
int guarded_run(int argc, char** argv, std::string& output_fault) {
  try {
    return run(argc, argv);
  } catch (const mkdt::Error& error) {
    complain(error.what());
    return kUserError;
  } catch (const std::filesystem::filesystem_error& error) {  // a folder that cannot be listed
    const std::string path = error.path1().string();
    complain(path.empty() ? error.what() : path + ": " + error.code().message());
    return kUserError;
  } catch (const std::exception& error) {
    if (std::ferror(stdout) != 0) {
      const auto* of_system = dynamic_cast<const std::system_error*>(&error);
      output_fault = of_system != nullptr ? of_system->code().message() : error.what();
      return kUserError;
    }
    if (mkdt::is_out_of_device_memory(error)) {
      complain("the device has too little memory: " + mkdt::torch_message(error) +
               "; take smaller batches, or --device cpu");
      return kUserError;
    }
    std::istringstream lines(std::string("internal error: ") + error.what());
    for (std::string line; std::getline(lines, line);) complain(line);
    return kInternalError;
  }
}

}  // namespace

int main(int argc, char** argv) {
  mkdt::cli::reserve_standard_streams();
  mkdt::cli::survive_file_size_limit();
  mkdt::cli::ask_to_stop_on_signals();
  mkdt::cli::same_bits_on_gpus();
  std::string thrown;
  const int status = guarded_run(argc, argv, thrown);
  const std::string fault = mkdt::cli::finish_standard_output();
  if (fault.empty()) return status;
  complain("standard output: " + (thrown.empty() ? fault : thrown));
  return status == 0 ? kUserError : status;
}
