#include "cli/man_page.h"

#include <cctype>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/version.h"

namespace mkdt::cli {
namespace {

// Writes a text within a line of troff.
std::string roff_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";  // a minus, which can be copied, not a hyphen
    } else if (c == '\'') {
      result += "\\(aq";
    } else if (c == '`') {
      result += "\\(ga";
    } else {
      result += c;
    }
  }
  return result;
}

std::string bold(const std::string& text) { return "\\fB" + roff_text(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff_text(text) + "\\fR"; }

// Writes lines of their own; one that begins with a full stop is no request.
std::string paragraph(const std::string& text) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!result.empty()) result += ".br\n";
    result += (line.rfind('.', 0) == 0 ? "\\&" : "") + roff_text(line) + "\n";
  }
  return result;
}

// Shows INT and FLOAT, which are the program's words, as NUMBER.
std::string shown_value(const Argument& argument) {
  if (!argument.choices.empty()) return fmt::format("{}", fmt::join(argument.choices, "|"));
  for (const char* number : {"INT", "UINT", "FLOAT"}) {
    if (argument.value == number) return "NUMBER";
  }
  return argument.value;
}

std::string remarks(const Argument& argument) {
  std::vector<std::string> parts;
  const size_t range = argument.limits.find('[');  // "INT in [1 - 100]"
  if (range != std::string::npos) {
    parts.push_back(argument.limits.substr(range + 1, argument.limits.find(']') - range - 1));
    const size_t dash = parts.back().find(" - ");
    if (dash != std::string::npos) parts.back().replace(dash, 3, " to ");
  }
  if (!argument.default_value.empty()) parts.push_back("default " + argument.default_value);
  if (argument.required && !argument.flags.empty()) parts.emplace_back("required");
  return parts.empty() ? "" : fmt::format(" ({})", fmt::join(parts, "; "));
}

std::string described(const Argument& argument) {
  std::string heading;
  for (const std::string& flag : argument.flags) {
    heading += (heading.empty() ? "" : ", ") + bold(flag);
  }
  if (argument.flags.empty()) {
    heading = italic(argument.value);
  } else if (!argument.value.empty()) {
    heading += " " + italic(shown_value(argument));
  }
  return ".TP\n" + heading + "\n" + paragraph(argument.help + remarks(argument));
}

std::string synopsis(const Command& command) {
  std::string line = bold("mkdt " + command.path);
  if (!command.flags.empty() || command.configured) line += " [" + italic("OPTION") + "...]";
  for (const Argument& argument : command.positionals) {
    const std::string value = italic(argument.value) + (argument.repeated ? "..." : "");
    line += argument.required ? " " + value : " [" + value + "]";
  }
  if (!command.commands.empty()) line += " " + italic("COMMAND");
  return line;
}

std::string described(const Command& command) {
  std::string text = ".SS " + synopsis(command) + "\n" + paragraph(command.help);
  for (const Argument& argument : command.positionals) text += described(argument);
  for (const Argument& argument : command.flags) text += described(argument);
  if (!command.footer.empty()) text += ".PP\n" + paragraph(command.footer);
  return text;
}

std::string described(const Option& option) {
  const std::string range = option.range();
  return fmt::format(".TP\n{} = {}\n{}", bold(option.key()), roff_text(option.default_value),
                     paragraph(fmt::format("{}{}. {}", option.type(),
                                           range.empty() ? "" : ", " + range, option.help)));
}

// Writes a purpose as `whatis` does: without capital letter and full stop.
std::string purpose(std::string help) {
  if (!help.empty()) {
    help.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(help.front())));
  }
  if (!help.empty() && help.back() == '.') help.pop_back();
  return help;
}

constexpr const char* kConfigurations = R"(.SH CONFIGURATIONS
\fICONFIG\fR is the name of a preset (\fBmkdt presets\fR lists them), a TOML file of options in their
sections, or a run folder, which has its own. Each of the options below is a flag as well:
\fB\-\-distill.iterations 100\fR is \fB\-\-set distill.iterations=100\fR. Lists are separated by commas.
)";

constexpr const char* kManPageEnd = R"(.SH EXIT STATUS
.TP
\fB0\fR
All is done.
.TP
\fB1\fR
\fBmkdt check\fR or \fBmkdt verify\fR found a difference.
.TP
\fB2\fR
Something that you can mend: a path, a file, an option. One line says what.
.TP
\fB3\fR
A mistake of the program.
.TP
\fB128\fR + \fIn\fR
Stopped by signal \fIn\fR; finished work is kept.
.SH ENVIRONMENT
.TP
\fBMKDT_ISA\fR
Kernels for a CPU to use, of those that \fBmkdt info\fR lists.
.TP
\fBNO_COLOR\fR
No colours on a terminal.
.SH FILES
.TP
\fIruns/NAME\fR
The run folder of a configuration \fINAME\fR, in the working folder, where \fB\-\-out\fR names no other.
)";

}  // namespace

std::string man_page(const Command& program, const std::vector<Option>& options) {
  std::string text = fmt::format(
      "'\\\" Made by `mkdt man`.\n.TH MKDT 1 \"\" \"mkdt {}\" \"User Commands\"\n.ad l\n.nh\n.SH "
      "NAME\nmkdt "
      "\\- {}\n"
      ".SH SYNOPSIS\n{} {} [{}...]\n.SH DESCRIPTION\n{}.PP\n{}",
      version(), roff_text(purpose(program.help)), bold("mkdt"), italic("COMMAND"),
      italic("ARGUMENT"), paragraph(program.help), paragraph(program.footer));
  text += ".SH OPTIONS OF EVERY COMMAND\n";
  for (const Argument& argument : program.flags) text += described(argument);
  text += ".SH COMMANDS\n";
  for (const Command* command : all_commands(program)) {
    if (!command->path.empty()) text += described(*command);
  }
  text += kConfigurations;
  std::string section;
  for (const Option& option : options) {
    if (option.section != section) {
      section = option.section;
      text += ".SS [" + roff_text(section) + "]\n";
    }
    text += described(option);
  }
  return text + kManPageEnd;
}

}  // namespace mkdt::cli
