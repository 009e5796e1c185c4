// How a synthetic set was made, for those who read its card.
#pragma once

#include <string>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

struct SetMethod {
  std::string name;         // "MKDT"
  std::string description;  // what follows "distilled by …"; Markdown
  std::string command;      // of mkdt, that makes such a set from config.toml
  std::string bibtex;       // of the papers that it is from
};

// By the entries `method` and `objective` of the provenance; MKDT where they say nothing else.
SetMethod set_method(const SyntheticSet& set);

}  // namespace mkdt
