// mkdt plan: the time, memory and disk of a run before it starts.
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/plan.h"
#include "cli/print_table.h"
#include "cli/terminal_observer.h"
#include "cli/threads.h"
#include "mkdt/base/units.h"
#include "mkdt/io/json.h"
#include "mkdt/publish/table.h"
#include "mkdt/stages/run_plan.h"

namespace mkdt::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string memory_text(int64_t bytes) { return bytes > 0 ? byte_text(bytes) : "–"; }

std::string time_text(const PlannedStage& stage) {
  const char* before = stage.reason.empty() ? "took " : stage.estimate.at_most ? "≤ " : "";
  return before + duration_text(stage.estimate.seconds);
}

Table plan_table(const RunPlan& plan) {
  Table table;
  table.title = "Plan";
  table.columns = {{"stage", Alignment::kLeft},
                   {"state", Alignment::kLeft},
                   {"time"},
                   {"peak memory"},
                   {"disk at most"}};
  for (const PlannedStage& stage : plan.stages) {
    const bool done = stage.reason.empty();
    table.rows.push_back({{stage.name},
                          {done ? "done" : "to do: " + stage.reason},
                          {time_text(stage)},
                          {memory_text(stage.estimate.memory)},
                          {done ? "–" : byte_text(stage.estimate.disk)}});
  }
  table.rows.push_back({{"left to do"},
                        {""},
                        {duration_text(plan.seconds)},
                        {memory_text(plan.memory)},
                        {byte_text(plan.disk)}});
  return table;
}

void print_text(const RunPlan& plan) {
  print_table(plan_table(plan));
  fmt::print("\n");
  if (plan.available.memory) {
    fmt::print("Available: {} of memory ({})", byte_text(plan.available.memory->bytes),
               plan.available.memory->origin);
    if (plan.available.disk) fmt::print(", {} of disk", byte_text(*plan.available.disk));
    fmt::print(".\n");
  }
  for (const std::string& note : plan.notes) fmt::print("{}\n", note);
  for (const std::string& warning : plan.warnings) fmt::print("Does not fit: {}\n", warning);
}

Json json_of(const RunPlan& plan) {
  Json stages = Json::array();
  for (const PlannedStage& stage : plan.stages) {
    stages.push_back({{"stage", stage.name},
                      {"done", stage.reason.empty()},
                      {"reason", stage.reason},
                      {"seconds", stage.estimate.seconds},
                      {"at_most", stage.estimate.at_most},
                      {"peak_memory", stage.estimate.memory},
                      {"disk", stage.estimate.disk}});
  }
  Json available = {
      {"memory", nullptr}, {"memory_origin", nullptr}, {"disk", or_null(plan.available.disk)}};
  if (plan.available.memory) {
    available["memory"] = plan.available.memory->bytes;
    available["memory_origin"] = plan.available.memory->origin;
  }
  return {{"stages", stages},         {"seconds", plan.seconds}, {"peak_memory", plan.memory},
          {"disk", plan.disk},        {"available", available},  {"notes", plan.notes},
          {"warnings", plan.warnings}};
}

// Returns a text fit for the terminal: notes and warnings name paths.
std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void print_plan(const RunArguments& arguments, bool as_json) {
  const auto config = arguments.config.load();
  set_up(config->runtime);
  TerminalObserver observer;
  const RunPlan plan = plan_run(*config, arguments.folder(), observer);
  as_json ? fmt::print("{}\n", text_of(json_of(plan))) : print_text(plan);
}

void add_plan_command(CLI::App& app) {
  struct PlanArguments : RunArguments {
    bool json = false;
  };
  const auto arguments = std::make_shared<PlanArguments>();
  CLI::App* command = app.add_subcommand(
      "plan", "Say what each stage of a run will take on this machine, and whether it fits.");
  add_run_arguments(*command, *arguments);
  command->add_flag("--json", arguments->json, "Print JSON instead of a table");
  command->footer(
      "Tries a few steps of every stage that is not done, at their real sizes: time, peak memory\n"
      "and disk, with what is available and the option to change where it does not suffice.\n"
      "Nothing is written. `mkdt run CONFIG --dry-run` is the same.");
  command->callback([arguments] { print_plan(*arguments, arguments->json); });
}

}  // namespace mkdt::cli
