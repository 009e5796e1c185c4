// Whether representations tell images apart at all.
#pragma once

#include <string>

#include <torch/types.h>

namespace mkdt {

// What is wrong with z [N,D] if students could learn next to nothing from it: all rows are the
// same, up to rounding; few of them differ; or all lie on a line. Empty if nothing is, or for one
// row.
std::string lack_of_information(const torch::Tensor& z);

}  // namespace mkdt
