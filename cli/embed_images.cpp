#include "cli/embed_images.h"

#include <CLI/CLI.hpp>

#include "cli/among_images.h"
#include "cli/run_arguments.h"
#include "cli/terminal_observer.h"
#include "cli/threads.h"
#include "mkdt/base/error.h"
#include "mkdt/stages/embed.h"

namespace mkdt::cli {

std::shared_ptr<EmbedImagesArguments> add_embed_images(CLI::App& command) {
  auto arguments = std::make_shared<EmbedImagesArguments>();
  command
      .add_option("--images", arguments->images,
                  "Instead of CONFIG: a folder with images, whose representations by --encoder go "
                  "to --out FILE.npy or FILE.safetensors")
      ->type_name("DIR");
  command
      .add_option("--encoder", arguments->encoder,
                  "RUN/pretrain/encoder.safetensors, RUN/teacher/teacher.safetensors or a file "
                  "that `mkdt export` makes of them")
      ->type_name("FILE");
  command.get_option("CONFIG")->required(false);
  return arguments;
}

void embed_images(const EmbedImagesArguments& arguments, const RunArguments& run) {
  if (!run.config.path.empty()) {
    throw Error("mkdt embed takes either a CONFIG, or --images and --encoder");
  }
  if (arguments.images.empty()) throw Error("--images: name the folder with the images to embed");
  if (arguments.encoder.empty()) throw Error("--encoder: name the encoder's file");
  if (run.out.empty())
    throw Error("--out: name the file for the rows, FILE.npy or FILE.safetensors");
  check_output(run.out);
  Config config;
  for (const std::string& assignment : run.config.assignments) config.table.assign(assignment);
  set_up(config.runtime);
  TerminalObserver terminal;
  mkdt::embed_images({arguments.images, arguments.encoder, run.out}, config, terminal);
}

}  // namespace mkdt::cli
