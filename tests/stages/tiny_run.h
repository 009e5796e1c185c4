// A configuration whose run takes a second or two.
#pragma once

#include <string>

namespace mkdt::testing {

inline const char* tiny_config() {
  return R"([data]
format = "shapes"
image_size = 16
shapes_train = 120
shapes_test = 100

[teacher]
width = 4
epochs = 2
batch = 32
projector_dim = 16
standardise = true

[experts]
count = 2
width = 4
depth = 2
batch = 32

[subset]
size = 10

[distill]
iterations = 4
syn_steps = 2
batch = 10
checkpoint_every = 2

[krr_st]
steps = 6
batch = 32
pool = 2
reinitialise_after = 5
checkpoint_every = 2

[pretrain]
lrs = [0.05, 0.1]
max_steps = 8
evaluations = 2

[evaluate]
label_fractions = [0.1, 0.5]
seeds = 2
)";
}

}  // namespace mkdt::testing
