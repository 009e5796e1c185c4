// The other form of `mkdt embed`, which encodes new images by an encoder that is there.
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

// Writes the representations to the file --out; options are those of `run`.
void embed_images(const EmbedImagesArguments& arguments, const RunArguments& run);

}  // namespace mkdt::cli
