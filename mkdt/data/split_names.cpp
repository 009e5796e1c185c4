#include "mkdt/data/split_names.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

namespace mkdt {
namespace {

struct Word {
  const char* text;
  SplitKind kind;
  bool weak = false;  // a word of other meanings, too
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

// "trainset" → "train".
std::string without_filler(const std::string& token) {
  for (const std::string_view filler : kFillers) {
    if (token.size() <= filler.size()) continue;
    const std::string begin = token.substr(0, token.size() - filler.size());
    if (token.substr(begin.size()) == filler && word_of(begin) != nullptr) return begin;
  }
  return token;
}

// Runs of letters, in small ones, and what lies between them.
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
  bool plain;        // nothing else in it that would mean anything
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

// "tset", "trian"; "testA" and "trains", but not "testudo".
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

}  // namespace mkdt
