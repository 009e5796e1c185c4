// The card of a published set: the README.md that Hugging Face shows of a data set, and people
// read.
#pragma once

#include <string>

#include "mkdt/report/dataset/published_set.h"

namespace mkdt {

// Front matter, then what the set is, what it was made from, how to use it, its files, how it
// fares, what to beware of, how to make it again, what to cite. Names from outside mean themselves,
// and no folder of the maker's machine is in it.
std::string dataset_card(const PublishedSet& published);

}  // namespace mkdt
