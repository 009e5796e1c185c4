#include "mkdt/report/dataset/use_section.h"

#include <algorithm>

#include <fmt/format.h>

#include "mkdt/report/dataset/set_recipe.h"

namespace mkdt {
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

// The last batch of a pass is dropped where the recipe drops it.
std::string example(const SetRecipe& recipe) {
  std::string text = kExample;
  const std::string drops = "drop_last=True", keeps = "drop_last=False";
  if (recipe.short_batches) text.replace(text.find(drops), drops.size(), keeps);
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
  const auto recipe = set_recipe(set);
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
      recipe->lr, recipe->momentum, recipe->weight_decay, recipe->steps,
      std::min(recipe->batch, set.size()), chosen, set.targets.size(1), example(*recipe),
      normalised);
}

}  // namespace mkdt
