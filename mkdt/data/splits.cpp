#include "mkdt/data/splits.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/data/folder_tree.h"

namespace mkdt {
namespace {

struct Word {
  const char* text;
  SplitKind kind;
  bool weak = false;  // the word has other meanings, too
};

constexpr Word kWords[] = {{"train", SplitKind::kTrain},     {"training", SplitKind::kTrain},
                           {"test", SplitKind::kTest},       {"testing", SplitKind::kTest},
                           {"val", SplitKind::kVal},         {"validation", SplitKind::kVal},
                           {"valid", SplitKind::kVal, true}, {"dev", SplitKind::kVal, true},
                           {"eval", SplitKind::kVal, true}};
constexpr std::string_view kFillers[] = {"set",   "data", "dataset", "images",
                                         "image", "imgs", "img",     "split"};

const Word* word_of(std::string_view text) {
  const auto* found = std::find_if(std::begin(kWords), std::end(kWords),
                                   [&](const Word& word) { return text == word.text; });
  return found == std::end(kWords) ? nullptr : found;
}

bool is_filler(std::string_view text) {
  return std::find(std::begin(kFillers), std::end(kFillers), text) != std::end(kFillers);
}

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// Shortens "trainset" to "train".
std::string without_filler(const std::string& token) {
  for (const std::string_view filler : kFillers) {
    if (token.size() <= filler.size()) continue;
    const std::string begin = token.substr(0, token.size() - filler.size());
    if (token.substr(begin.size()) == filler && word_of(begin) != nullptr) return begin;
  }
  return token;
}

// Returns the runs of letters, in small ones, and what lies between them.
std::vector<std::string> tokens_of(const std::string& name) {
  std::vector<std::string> tokens;
  for (const char c : name) {
    const bool goes_on = !tokens.empty() && is_letter(tokens.back().back()) == is_letter(c);
    if (!goes_on) tokens.emplace_back();
    tokens.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (std::string& token : tokens) token = without_filler(token);
  return tokens;
}

// A name with one word for a split in it.
struct SplitName {
  const Word* word;
  std::string rest;  // the name without the word
  bool plain;        // nothing else in the name would mean anything
};

bool is_year(std::string_view token) {
  return token.size() == 4 && (token.substr(0, 2) == "19" || token.substr(0, 2) == "20");
}

bool is_separator(std::string_view token) {
  return token.find_first_not_of("-_. ") == std::string_view::npos;
}

std::optional<SplitName> parse(const std::string& name) {
  SplitName result{nullptr, "", true};
  for (const std::string& token : tokens_of(name)) {
    const Word* word = word_of(token);
    if (word != nullptr && result.word != nullptr) return std::nullopt;
    if (word != nullptr) {
      result.word = word;
      result.rest += '*';
      continue;
    }
    result.rest += token;
    result.plain = result.plain && (is_filler(token) || is_separator(token) || is_year(token));
  }
  if (result.word == nullptr) return std::nullopt;
  return result;
}

std::string sorted_letters(std::string text) {
  std::sort(text.begin(), text.end());
  return text;
}

// Tells whether a word is nearly one of a split: "tset", "trian", "testA" and "trains", but not
// "testudo".
bool resembles(const std::string& token, const Word& word) {
  const std::string text = word.text;
  if (sorted_letters(token) == sorted_letters(text)) return true;
  return !word.weak && text.size() > 3 && token.size() <= text.size() + 2 &&
         token.compare(0, text.size(), text) == 0;
}

}  // namespace

SplitFolders find_splits(const std::vector<std::string>& folders) {
  std::map<std::string, int> trains, judges;  // how many folders there are, by the rest of the name
  for (const std::string& name : folders) {
    const auto split = parse(name);
    if (split) ++(split->word->kind == SplitKind::kTrain ? trains : judges)[split->rest];
  }
  SplitFolders result;
  for (const std::string& name : folders) {
    const auto split = parse(name);
    const bool counts =
        split &&
        (split->plain || (trains.count(split->rest) != 0 && judges.count(split->rest) != 0));
    if (!counts) {
      result.others.push_back(name);
    } else if (split->word->kind == SplitKind::kTrain) {
      result.train.push_back(name);
    } else {
      (split->word->kind == SplitKind::kTest ? result.test : result.val).push_back(name);
    }
  }
  return result;
}

bool looks_like_split(const std::string& name) {
  for (const std::string& token : tokens_of(name)) {
    if (!is_letter(token.front())) continue;
    for (const Word& word : kWords) {
      if (resembles(token, word)) return true;
    }
  }
  return false;
}

bool is_split_name(const std::string& name) {
  const auto split = parse(name);
  return split && split->plain && !split->word->weak;
}

namespace {

constexpr int kDeepest = 3;

bool has_splits(const FolderTree& folder) { return splits_in(folder).any(); }

// Tells whether a folder below looks like a whole set. It has both kinds of split then: a class
// could be called "train".
bool is_set(const FolderTree& folder) {
  const SplitFolders splits = splits_in(folder);
  return splits.any() && (!splits.test.empty() || !splits.val.empty());
}

void collect_sets(const FolderTree& folder, int depth, std::vector<const FolderTree*>& sets) {
  for (const FolderTree& inner : folder.folders) {
    if (is_set(inner)) {
      sets.push_back(&inner);
    } else if (depth < kDeepest) {
      collect_sets(inner, depth + 1, sets);
    }
  }
}

std::vector<std::string> paths_of(const std::vector<const FolderTree*>& sets) {
  std::vector<std::string> paths;
  for (const FolderTree* set : sets) paths.push_back(set->path.string());
  return paths;
}

std::vector<const FolderTree*> with_images(const FolderTree& folder) {
  std::vector<const FolderTree*> filled;
  for (const FolderTree& inner : folder.folders) {
    if (inner.image_count() > 0) filled.push_back(&inner);
  }
  return filled;
}

// Goes down through folders that hold nothing but one folder, as far as classes or a split.
const FolderTree& below_single_folders(const FolderTree& root) {
  const FolderTree* folder = &root;
  for (int depth = 0; depth < kDeepest && !has_splits(*folder); ++depth) {
    const auto filled = with_images(*folder);
    if (!folder->images.empty() || filled.size() != 1) break;
    folder = filled.front();
  }
  return has_splits(*folder) || (folder->images.empty() && with_images(*folder).size() > 1)
             ? *folder
             : root;
}

}  // namespace

SplitFolders splits_in(const FolderTree& folder) {
  std::vector<std::string> names;
  for (const FolderTree* inner : with_images(folder)) names.push_back(inner->name());
  return find_splits(names);
}

const FolderTree& find_data_set(const FolderTree& root, std::vector<Note>& notes) {
  if (has_splits(root)) return root;
  std::vector<const FolderTree*> sets;
  collect_sets(root, 1, sets);
  if (sets.size() > 1) {
    throw Error(
        fmt::format("{}: {} data sets with splits of their own are in it: {}; name one of them",
                    root.path.string(), sets.size(), some_names(paths_of(sets))));
  }
  if (sets.size() == 1 && sets.front()->image_count() != root.image_count()) {
    throw Error(
        fmt::format("{}: the data set seems to be '{}', which has training and test images; name "
                    "that folder, or move the other images out of this one",
                    root.path.string(), sets.front()->path.string()));
  }
  const FolderTree& found = sets.empty() ? below_single_folders(root) : *sets.front();
  if (&found != &root) {
    notes.push_back({fmt::format("{}: the data set is further down: '{}' is read",
                                 root.path.string(), found.path.string())});
  }
  return found;
}

}  // namespace mkdt
