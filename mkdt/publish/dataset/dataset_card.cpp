#include "mkdt/publish/dataset/dataset_card.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/text.h"
#include "mkdt/base/version.h"
#include "mkdt/compare/methods.h"
#include "mkdt/publish/comparison_table.h"
#include "mkdt/publish/dataset/front_matter.h"
#include "mkdt/publish/dataset/set_provenance.h"
#include "mkdt/publish/difference_table.h"
#include "mkdt/publish/recipe_table.h"
#include "mkdt/publish/table.h"

namespace mkdt {
namespace {

std::string meanings(const std::vector<ComparisonRow>& rows) {
  std::string text;
  for (const MethodEntry& entry : method_table()) {
    const bool there = std::any_of(rows.begin(), rows.end(), [&](const ComparisonRow& row) {
      return row.method == entry.name;
    });
    if (there) text += fmt::format("- {}: {}\n", entry.name, entry.meaning);
  }
  return text;
}

// Escapes names, so that they are shown as they are. Methods that we know need no escape and stay
// as they are.
std::vector<ComparisonRow> rows_in_markdown(std::vector<ComparisonRow> rows) {
  for (ComparisonRow& row : rows) {
    for (std::string* name : {&row.method, &row.encoder, &row.dataset, &row.protocol}) {
      *name = in_markdown(*name);
    }
  }
  return rows;
}

std::string with_heading(Table table) {
  const std::string heading = table.title;
  table.title.clear();
  return fmt::format("\n### {}\n\n{}", heading, markdown_text(table));
}

}  // namespace

std::string results_section(const std::vector<ComparisonRow>& rows) {
  if (rows.empty()) return "It was not compared with anything: nothing is known of its worth.\n";
  const std::vector<ComparisonRow> safe = rows_in_markdown(rows);
  std::string text =
      "Fresh encoders were pre-trained on each of the following, then judged.\n\n" + meanings(safe);
  for (const auto& tables : {comparison_tables(safe), further_tables(safe), difference_tables(safe),
                             export_tables(safe)}) {
    for (const Table& table : tables) text += with_heading(table);
  }
  const Table recipes = recipe_table(safe);
  return recipes.rows.empty() ? text : text + with_heading(recipes);
}

namespace {

constexpr const char* kExample = R"(
```python
import itertools
import torch
from load_torch import load                       # or load_numpy, which gives arrays

dataset, recipe = load()                          # load("DIR") from elsewhere
pretrain = recipe["pretrain"]
batches = torch.utils.data.DataLoader(
    dataset, min(pretrain["batch"], len(dataset)), shuffle=True, drop_last=True)
optimiser = torch.optim.SGD(encoder.parameters(), lr=pretrain["lr"],
                            momentum=pretrain["momentum"], weight_decay=pretrain["weight_decay"])
epochs = itertools.chain.from_iterable(itertools.repeat(batches))
for images, targets in itertools.islice(epochs, pretrain["steps"]):
    optimiser.zero_grad()
    torch.nn.functional.mse_loss(encoder(images), targets).backward()
    optimiser.step()
```
)";

// Returns the example, which drops the last batch of a pass only where the recipe does.
std::string example(const SetRecipe& recipe) {
  std::string text = kExample;
  const std::string drops = "drop_last=True", keeps = "drop_last=False";
  if (recipe.training.short_batches) text.replace(text.find(drops), drops.size(), keeps);
  return text;
}

}  // namespace

std::string use_section(const SyntheticSet& set) {
  const std::string normalised =
      "Images are normalised: pixel / 255 = image · std + mean in each channel, with `mean` and "
      "`std` of `recipe.json`; other images need the same before the encoder sees them.\n";
  if (set.targets.size(1) == 0) {
    return fmt::format(
        "There are no targets: train with a self-supervised loss on augmented views, as the set "
        "was made. SGD steps on it had a learned rate of {:.4g}. `load_torch.py` and "
        "`load_numpy.py` read the images.\n\n{}",
        set.syn_lr, normalised);
  }
  const std::optional<SetRecipe>& recipe = set.recipe;
  if (!recipe) {
    return "The set carries no recipe to pre-train with. `load_torch.py` and `load_numpy.py` read "
           "images and targets: regress the targets.\n\n" +
           normalised;
  }
  std::string chosen;
  if (recipe->validation_loss) {
    chosen = fmt::format(
        " It was chosen on real images that were held out, where it reached a representation loss "
        "of {:.4g}.",
        *recipe->validation_loss);
  }
  return fmt::format(
      "Regress the targets. The recipe: SGD with learning rate {}, momentum {} and weight decay "
      "{}, "
      "{} steps of {} images, mean squared error.{} It suits the student's architecture; another "
      "encoder may want another one. With `encoder` any module from images to {} numbers:\n{}\n{}",
      recipe->training.sgd.lr, recipe->training.sgd.momentum, recipe->training.sgd.weight_decay,
      recipe->steps, std::min(recipe->training.batch, set.size()), chosen, set.targets.size(1),
      example(*recipe), normalised);
}

namespace {

constexpr size_t kLongestName = 100;  // so that what follows it in a title stays

std::string source_name(const SyntheticSet& set) {
  const std::string name = set_entry(set, "dataset");
  return name.empty() ? "an image set" : name;
}

std::string shape_text(const torch::Tensor& tensor) {
  return fmt::format("[{}]", fmt::join(tensor.sizes().vec(), ", "));
}

bool has_targets(const SyntheticSet& set) { return set.targets.size(1) > 0; }

std::string summary(const PublishedSet& published) {
  const SyntheticSet& set = published.set;
  const std::string targets =
      has_targets(set)
          ? fmt::format(", each with a target representation of {} numbers", set.targets.size(1))
          : "";
  const std::string source =
      published.source_images
          ? fmt::format("{} images of {}", *published.source_images, in_markdown(source_name(set)))
          : "images of " + in_markdown(source_name(set));
  return fmt::format(
      "{} synthetic images of {}×{} pixels{}, distilled from {} by {}. The distillation used no "
      "labels. An encoder that is pre-trained on them is to learn, in a few steps, some of what "
      "all "
      "the images would have taught it.\n\n"
      "![Contact sheet of the synthetic images](contact_sheet.png)\n",
      set.size(), set.images.size(3), set.images.size(2), targets, source,
      set_method(set).description);
}

std::string student_text(const SyntheticSet& set) {
  std::string text = set_entry(set, "student_architecture");
  for (const auto& [key, value] : set.provenance) {
    if (key.rfind("student_", 0) != 0 || key == "student_architecture") continue;
    text += fmt::format(", {} {}", key.substr(8), value);
  }
  return text;
}

std::string origin_section(const PublishedSet& published) {
  const SyntheticSet& set = published.set;
  Table table;
  table.columns = {{"", Alignment::kLeft}, {"", Alignment::kLeft}};
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) table.rows.push_back({{name}, {in_markdown(value)}});
  };
  add("data set", source_name(set));
  if (published.source_images) add("images", std::to_string(*published.source_images));
  add("fingerprint of the images", set_entry(set, "image_fingerprint"));
  add("teacher", behind_folders(set_entry(set, "teacher")));
  add("processing of its representations", set_entry(set, "target_processing"));
  add("student", student_text(set));
  table.rows.push_back({{"method"}, {set_method(set).name}});
  add("start", behind_folders(set_entry(set, "start")));
  add("iterations", set_entry(set, "iterations"));
  add("last outer loss", set_entry(set, "last_outer_loss"));
  add("last loss", set_entry(set, "last_loss"));  // of KRR-ST
  add("seed", set_entry(set, "seed"));
  add("mkdt that made it", set_entry(set, "mkdt_version"));
  add("mkdt that wrote this", version());
  return markdown_text(table);
}

std::string files_section(const PublishedSet& published) {
  const SyntheticSet& set = published.set;
  Table table;
  table.columns = {{"file", Alignment::kLeft}, {"what", Alignment::kLeft}};
  const auto add = [&](const std::string& name, const std::string& what) {
    table.rows.push_back({{fmt::format("`{}`", name)}, {what}});
  };
  add("images.npy",
      fmt::format("float32 {}, normalised: the exact images", shape_text(set.images)));
  add("targets.npy", fmt::format("float32 {}{}", shape_text(set.targets),
                                 has_targets(set) ? ", row i for image i" : ": there are none"));
  add("recipe.json", "normalisation, learned rate, how to pre-train");
  add("images/", "the images as PNG, rounded to 8 bits; `metadata.jsonl` numbers them");
  add("contact_sheet.png", "the images, or 100 of them, in one picture");
  add("load_torch.py, load_numpy.py", "`load(folder)`; also programs: `python3 load_torch.py`");
  if (!set_entry(set, "config").empty()) add("config.toml", "every option that it was made with");
  if (!published.results.empty())
    add("results.json, results.csv", "the numbers below, seed by seed");
  return markdown_text(table);
}

std::string limits_section(const SyntheticSet& set) {
  std::string text;
  if (has_targets(set)) {
    text +=
        "- The targets are one teacher's representations: what it does not tell apart, an encoder "
        "does not learn here.\n";
  }
  return text +
         "- These are no natural images: they are made to train on, not to look at or to judge "
         "by.\n"
         "- They began as real images, and some may still be recognised. The licence of the source "
         "data, and what it says of persons, may bind this set too: whoever publishes it has to "
         "check. The licence in the head of this card is what they named.\n"
         "- PNG rounds pixels; `images.npy` has them as they were trained on.\n";
}

std::string again_section(const SyntheticSet& set) {
  if (set_entry(set, "config").empty()) return "The set's file does not say with which options.\n";
  return fmt::format(
      "    mkdt {} --set data.root=DIR --out RUN\n\n"
      "makes it again from the images in `DIR` (the built-in shapes need none). Options that named "
      "files have only their last part in `config.toml`: give those anew.\n",
      set_method(set).command);
}

}  // namespace

std::string dataset_card(const PublishedSet& published) {
  const SyntheticSet& set = published.set;
  const std::string name = fmt::format("{}, distilled to {} images",
                                       printable(source_name(set), kLongestName), set.size());
  struct Section {
    const char* title;
    std::string text;
  };
  const std::array<Section, 7> sections = {
      {{"What it was made from", origin_section(published)},
       {"How to use it", use_section(set)},
       {"Files", files_section(published)},
       {"How it fares", results_section(published.results)},
       {"What to beware of", limits_section(set)},
       {"Making it again", again_section(set)},
       {"Citation", fmt::format("```bibtex\n{}```\n", set_method(set).bibtex)}}};
  std::string card = front_matter(published.license, name, set.size()) +
                     fmt::format("\n# {}\n\n{}", in_markdown(name), summary(published));
  for (const Section& section : sections) {
    card += fmt::format("\n## {}\n\n{}", section.title, section.text);
  }
  return card;
}

}  // namespace mkdt
