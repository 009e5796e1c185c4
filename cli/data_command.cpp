#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/config_arguments.h"
#include "cli/terminal_observer.h"
#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/data/dataset.h"
#include "mkdt/data/folder_tree.h"
#include "mkdt/data/image_list.h"

namespace mkdt::cli {
namespace {

namespace fs = std::filesystem;

struct DataArguments {
  ConfigArguments config;
  bool list = false;
  std::string split = "train";
};

// Prints names as they are, for other programs: one with a newline in it takes two lines.
void print_rows(const DataOptions& data, const std::string& split) {
  if (data_format(data) != "folder") {
    throw Error(fmt::format(
        "data.format is '{}': its images have no files of their own; the rows are the records of "
        "its files, which `mkdt data` names without --list",
        data_format(data)));
  }
  const ImageNames names = image_names(data);
  for (const std::string& name : split == "train" ? names.train : names.test) {
    fmt::print("{}\n", name);
  }
}

void print_split(const char* name, const ImageList& list) {
  if (list.files.empty()) {
    fmt::print("{:<9} none; some of the training images are held out for it\n", name);
    return;
  }
  const std::string classes = list.labelled()
                                  ? fmt::format("{} classes: {}", list.class_names.size(),
                                                printable(some_names(list.class_names)))
                                  : "unlabelled";
  fmt::print("{:<9} {} images, {}\n", name, list.files.size(), classes);
}

void print_folder(const DataOptions& data) {
  const ImageListSplits found = list_images(data.root, {data.labels, data.classes == "train"});
  TerminalObserver observer;
  say(found.notes, observer);
  print_split("training", found.train);
  print_split("test", found.test);
}

void print_summary(const DataOptions& data) {
  const std::string format = data_format(data);
  fmt::print("{:<9} {}{}\n", "format", format,
             data.root.empty() ? "" : ", in " + printable(data.root));
  if (format == "folder") return print_folder(data);
  for (const fs::path& file : source_files(data)) {
    fmt::print("{:<9} {}\n", "file", printable(file.string()));
  }
}

}  // namespace

void add_data_command(CLI::App& app) {
  const auto arguments = std::make_shared<DataArguments>();
  CLI::App* command = app.add_subcommand(
      "data", "Say which images of a folder are read, or list them in the order of rows.");
  add_config_arguments(*command, arguments->config);
  command->add_flag("--list", arguments->list,
                    "Print the files, a line each, in the order of rows of representations");
  command->add_option("--split", arguments->split, "Which files to list")
      ->check(CLI::IsMember({"train", "test"}))
      ->capture_default_str();
  command->callback([arguments] {
    const auto config = arguments->config.load();
    arguments->list ? print_rows(config->data, arguments->split) : print_summary(config->data);
  });
}

}  // namespace mkdt::cli
