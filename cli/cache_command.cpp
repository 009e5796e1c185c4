#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "mkdt/base/text.h"
#include "mkdt/base/units.h"
#include "mkdt/data/cache.h"
#include "mkdt/data/image_store.h"

namespace mkdt::cli {
namespace {

struct CacheArguments {
  std::string folder = "auto";
  bool clear = false;
};

void print_entries(const Cache& cache) {
  const std::vector<StoredImages> entries = stored_images(cache);
  int64_t bytes = 0;
  for (const StoredImages& entry : entries) {
    fmt::print("{:>10}  {}\n", byte_text(entry.bytes),
               entry.root.empty() ? "begun, not finished: " + printable(entry.path.string())
                                  : printable(entry.root));
    bytes += entry.bytes;
  }
  fmt::print(
      "{:>10}  in {}\n", byte_text(bytes),
      cache.folder.empty() ? "no folder: there is no home" : printable(cache.folder.string()));
}

}  // namespace

void add_cache_command(CLI::App& app) {
  const auto arguments = std::make_shared<CacheArguments>();
  CLI::App* command = app.add_subcommand(
      "cache", "List the decoded images that are kept between runs, or remove them.");
  command->add_option("--folder", arguments->folder, "Where they are, as data.cache says")
      ->capture_default_str();
  command->add_flag("--clear", arguments->clear,
                    "Remove them; the next run that wants them decodes them again");
  command->callback([arguments] {
    const Cache cache = cache_of(arguments->folder);
    if (arguments->clear) clear(cache);
    print_entries(cache);
  });
}

}  // namespace mkdt::cli
