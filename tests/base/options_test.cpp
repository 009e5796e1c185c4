#include "mkdt/base/options.h"

#include <gtest/gtest.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace {

struct Example {
  Example() {
    OptionSection section = table.section("distill");
    section.add("iterations", iterations, 1, 1000, "How often.");
    section.add("rate", rate, 0, 10, "How fast.");
    section.add("engine", engine, {"unrolled", "autograd"}, "How.");
    section.add("root", root, "Where.");
    section.add("loud", loud, "Whether.");
    section.add("rates", rates, 0, 1, "Several.");
    section.add("methods", methods, {"none", "random"}, "Which.");
  }

  // What an Error of `change` says; empty if it throws none.
  template <class Change>
  std::string error_of(const Change& change) {
    try {
      change(table);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::string error_of_toml(const std::string& text) {
    return error_of([&](OptionTable& t) { t.read_toml(text, "a.toml"); });
  }
  std::string error_of_assignment(const std::string& text) {
    return error_of([&](OptionTable& t) { t.assign(text); });
  }

  int64_t iterations = 5;
  double rate = 0.5;
  std::string engine = "autograd";
  std::string root;
  bool loud = false;
  std::vector<double> rates = {0.1, 0.2};
  std::vector<std::string> methods = {"none"};
  OptionTable table;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Options, ReadsToml) {
  Example example;
  example.table.read_toml(
      "[distill]\niterations = 7\nrate = 2\nengine = 'unrolled'\nroot = \"/a b\"\nloud = true\n"
      "rates = [0.5]\nmethods = ['random', 'none']\n",
      "a.toml");
  EXPECT_EQ(example.iterations, 7);
  EXPECT_EQ(example.rate, 2.0);
  EXPECT_EQ(example.engine, "unrolled");
  EXPECT_EQ(example.root, "/a b");
  EXPECT_TRUE(example.loud);
  EXPECT_EQ(example.rates, std::vector<double>{0.5});
  EXPECT_EQ(example.methods, (std::vector<std::string>{"random", "none"}));
}

TEST(Options, WhatIsWrittenReadsBack) {
  Example first;
  first.table.assign("distill.root=a \"b\" \\ c");
  first.table.assign("distill.rate=1e-07");
  Example second;
  second.table.read_toml(first.table.to_toml(), "written");
  EXPECT_EQ(second.root, first.root);
  EXPECT_EQ(second.rate, first.rate);
  EXPECT_EQ(second.table.to_toml(), first.table.to_toml());
}

TEST(Options, Assigns) {
  Example example;
  example.table.assign("distill.engine=unrolled");
  example.table.assign("distill.rates=0.25,1");
  example.table.assign("distill.methods=random,none");
  example.table.assign("distill.root", "x=y");
  EXPECT_EQ(example.engine, "unrolled");
  EXPECT_EQ(example.rates, (std::vector<double>{0.25, 1}));
  EXPECT_EQ(example.methods, (std::vector<std::string>{"random", "none"}));
  EXPECT_EQ(example.root, "x=y");
}

TEST(Options, IntegersThatNoDoubleHasAreRoundedOrOutOfRange) {
  Example example;
  EXPECT_TRUE(contains(example.error_of_assignment("distill.rates=1888888888888888888"), "rates"));
  double large = 0;
  OptionTable table;
  OptionSection section = table.section("a");
  section.add("large", large, 0, 1e300, "Any.");
  table.assign("a.large=9007199254740993");
  EXPECT_EQ(large, 9007199254740992.0);
}

TEST(Options, UnknownKeyNamesTheNearest) {
  Example example;
  const std::string message = example.error_of_toml("[distill]\niteratons = 7\n");
  EXPECT_TRUE(contains(message, "a.toml")) << message;
  EXPECT_TRUE(contains(message, "distill.iteratons")) << message;
  EXPECT_TRUE(contains(message, "'distill.iterations'")) << message;
  EXPECT_TRUE(contains(example.error_of_assignment("distil.rate=1"), "'distill.rate'"));
  EXPECT_TRUE(contains(example.error_of_toml("rate = 1\n"), "unknown key 'rate'"));
}

TEST(Options, SaysWhatWasExpected) {
  Example example;
  EXPECT_TRUE(contains(example.error_of_toml("[distill]\niterations = 0\n"), "1 to 1000, not 0"));
  EXPECT_TRUE(contains(example.error_of_toml("[distill]\niterations = 1.5\n"), "a whole number"));
  EXPECT_TRUE(contains(example.error_of_toml("[distill]\nrate = nan\n"), "0 to 10"));
  for (const char* number : {"nan", "inf", "-inf", "+nan"}) {
    const std::string rate = example.error_of_toml(std::string("[distill]\nrate = ") + number);
    EXPECT_TRUE(contains(rate, "distill.rate must be 0 to 10, not")) << rate;
    const std::string rates =
        example.error_of_assignment(std::string("distill.rates=0.5,") + number);
    EXPECT_TRUE(contains(rates, "distill.rates must be 0 to 1, not")) << rates;
    const std::string count =
        example.error_of_assignment(std::string("distill.iterations=") + number);
    EXPECT_TRUE(contains(count, "distill.iterations must be a whole number")) << count;
  }
  EXPECT_TRUE(contains(example.error_of_toml("[distill]\nengine = 'x'\n"), "unrolled or autograd"));
  EXPECT_TRUE(contains(example.error_of_toml("[distill]\nloud = 1\n"), "true or false"));
  EXPECT_TRUE(contains(example.error_of_toml("[distill]\nrates = [2]\n"), "0 to 1"));
  EXPECT_TRUE(contains(example.error_of_toml("[distill\n"), "line 1"));
  EXPECT_TRUE(contains(example.error_of_assignment("distill.rate"), "section.key=value"));
  EXPECT_TRUE(contains(example.error_of_assignment("distill.rate=fast"), "distill.rate"));
  EXPECT_EQ(example.iterations, 5);  // nothing of it was taken
}

TEST(Options, WordsWhereNumbersAreWantedAreToldWhatIs) {
  Example example;
  EXPECT_EQ(example.error_of_assignment("distill.iterations=ten"),
            "--set distill.iterations: distill.iterations must be a whole number, 1 to 1000, not "
            "'ten'");
  EXPECT_EQ(example.error_of_assignment("distill.iterations="),
            "--set distill.iterations: distill.iterations must be a whole number, 1 to 1000, not "
            "nothing");
  EXPECT_EQ(example.error_of_assignment("distill.iterations=\"7\""),
            "--set distill.iterations: distill.iterations must be a whole number without quotes, "
            "not '7'");
  EXPECT_EQ(example.error_of_assignment("distill.rate=fast"),
            "--set distill.rate: distill.rate must be a number, 0 to 10, not 'fast'");
  EXPECT_EQ(example.error_of_assignment("distill.loud=yes"),
            "--set distill.loud: distill.loud must be true or false, not 'yes'");
  EXPECT_EQ(example.error_of_assignment("distill.root=\"a"),
            "--set distill.root: distill.root must be a text, not '\"a'; its quotes stand on both "
            "sides, or on none");
  const std::string list = "; a list is written 1,2 or [1, 2], texts as a,b or '[\"a\", \"b\"]'";
  EXPECT_EQ(example.error_of_assignment("distill.rates=0.5,half"),
            "--set distill.rates: distill.rates must be a list of numbers, 0 to 1, not "
            "'0.5,half'" +
                list);
  EXPECT_EQ(example.error_of_assignment("distill.methods=[random, none]"),
            "--set distill.methods: distill.methods must be a list of texts: none or random, not "
            "'[random, none]'" +
                list);
  EXPECT_EQ(example.iterations, 5);
}

TEST(Options, ALineThatIsNoTomlIsToldWhatTheOptionTakes) {
  Example example;
  EXPECT_EQ(example.error_of_toml("[distill]\nrate = 1\niterations = ten\n"),
            "a.toml: line 3: distill.iterations must be a whole number, 1 to 1000, not ten");
  EXPECT_EQ(example.error_of_toml("[distill]\nengine = unrolled\n"),
            "a.toml: line 2: distill.engine must be a text: unrolled or autograd, in quotes on "
            "both sides, as in engine = 'unrolled', not unrolled");
  EXPECT_EQ(example.error_of_toml("[distill]\nroot = /data\n"),
            "a.toml: line 2: distill.root must be a text, in quotes on both sides, as in root = "
            "\"a text\", not /data");
  EXPECT_EQ(example.error_of_toml("[distill]\nroot = \"C:\\data\"\n"),
            "a.toml: line 2: distill.root: between double quotes a backslash begins a sign such as "
            "\\n; write it 'C:\\data', between single ones");
  EXPECT_TRUE(contains(example.error_of_toml("[distill]\nroot = C:\\data\n"), "in quotes on both"));
  EXPECT_EQ(example.error_of_toml("[distill]\nmethods = [\n  random,\n]\n"),
            "a.toml: line 3: distill.methods must be a list of texts: none or random, in square "
            "brackets, each in quotes, as in methods = ['none'], not [");
  EXPECT_TRUE(contains(example.error_of_toml("[distill]\nno_option = ten\n"), "line 2: "));
}

TEST(Options, AKeyWithoutItsSectionIsFoundInIt) {
  Example example;
  EXPECT_EQ(example.error_of_assignment("itertions=3"),
            "--set itertions: unknown key 'itertions'; the nearest known one is "
            "'distill.iterations'");
  EXPECT_EQ(example.error_of_assignment("weather.sunny=3"),
            "--set weather.sunny: unknown key 'weather.sunny'; `mkdt options` lists the known "
            "ones");
}

TEST(Options, DescribeThemselves) {
  Example example;
  const Option& first = example.table.options().front();
  EXPECT_EQ(first.key(), "distill.iterations");
  EXPECT_EQ(first.type(), "integer");
  EXPECT_EQ(first.range(), "1 to 1000");
  EXPECT_EQ(first.default_value, "5");
  example.table.assign("distill.iterations=9");
  EXPECT_EQ(example.table.options().front().default_value, "5");
  EXPECT_EQ(example.table.options().front().value(), "9");
}

TEST(Options, AnOptionThatIsRightIsNotBlamedForItsNeighbour) {
  Example example;
  const std::string right = "[distill]\niterations = 10\n";
  for (const char* slip : {"iterations = 10\n", "[distill]\n", "[other\n", "engine\n"}) {
    EXPECT_FALSE(contains(example.error_of_toml(right + slip), "must be")) << slip;
  }
}

}  // namespace
}  // namespace mkdt
