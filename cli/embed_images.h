// The other form of `mkdt embed`: new images through an encoder that is there.
#pragma once

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace mkdt::cli {

struct RunArguments;

struct EmbedImagesArguments {
  std::string images;
  std::string encoder;

  bool given() const { return !images.empty() || !encoder.empty(); }
};

// Adds --images and --encoder to `mkdt embed`; CONFIG is then not needed.
std::shared_ptr<EmbedImagesArguments> add_embed_images(CLI::App& command);

// What they ask for; --out is the file to write, and options are those of `run`.
void embed_images(const EmbedImagesArguments& arguments, const RunArguments& run);

}  // namespace mkdt::cli
