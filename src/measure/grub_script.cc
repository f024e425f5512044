#include "measure/grub_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.h"

namespace assay::measure {
namespace {

constexpr std::array<std::string_view, 12> kKeywords = {"if",        "for",     "while",  "until",
                                                        "function",  "case",    "select", "[",
                                                        "menuentry", "submenu", "time",   "!"};

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

class Script {
 public:
  explicit Script(std::string_view text) : text_(text) {}

  Result<std::vector<GrubCommand>> Run() {
    while (!done()) TRY_VOID(Step());
    EndWord();
    TRY_VOID(EndCommand());
    return std::move(commands_);
  }

 private:
  bool done() const { return at_ == text_.size(); }

  tl::unexpected<Error> Refuse(std::string_view what) const {
    return Fail(
        ErrorCode::kUnsupported,
        fmt::format("grub.cfg line {}: {}: what GRUB runs there is known only at boot", line_,
                    what),
        "use a configuration of plain linux, initrd and boot commands, or learn PCR 8 and 9 "
        "from a log: --learn LOG --learn-pcr 8 --learn-pcr 9");
  }

  Result<void> Step() {
    const char c = text_[at_];
    if (c == '\n' || c == ';') {
      EndWord();
      TRY_VOID(EndCommand());
      if (c == '\n') ++line_;
      ++at_;
      return {};
    }
    if (IsBlank(c)) {
      EndWord();
      ++at_;
      return {};
    }
    if (c == '#' && !in_word_) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return {};
    }
    if (c == '\'' || c == '"') return Quoted(c);
    if (c == '\\') return Escaped();
    if (std::string_view("${}&|<>`*?").find(c) != std::string_view::npos) {
      return Refuse(fmt::format("'{}'", c));
    }
    return Take(c);
  }

  Result<void> Take(char c) {
    in_word_ = true;
    word_.push_back(c);
    ++at_;
    return {};
  }

  // In double quotes a backslash and a '$' keep their meaning, which nothing needs to have here.
  Result<void> Quoted(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return Refuse("a quote that does not end");
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    if (quote == '"' && inside.find_first_of("$\\") != std::string_view::npos) {
      return Refuse("'$' or '\\' in double quotes");
    }
    if (inside.find('\n') != std::string_view::npos) return Refuse("a quoted line break");
    in_word_ = true;
    word_ += inside;
    at_ = end + 1;
    return {};
  }

  Result<void> Escaped() {
    if (at_ + 1 == text_.size()) return Refuse("'\\' at the end");
    if (text_[at_ + 1] == '\n') {  // the command goes on in the next line
      at_ += 2;
      ++line_;
      return {};
    }
    ++at_;
    return Take(text_[at_]);
  }

  void EndWord() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  Result<void> EndCommand() {
    if (words_.empty()) return {};
    const std::string& name = words_[0];
    if (std::find(kKeywords.begin(), kKeywords.end(), name) != kKeywords.end()) return Refuse(name);
    if (name.find('=') != std::string::npos) return Refuse("an assignment");
    if (commands_.size() == limits::kGrubCommands) return Refuse("too many commands");
    commands_.push_back({line_, std::move(words_)});
    words_.clear();
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1;
  bool in_word_ = false;
  std::string word_;
  std::vector<std::string> words_;
  std::vector<GrubCommand> commands_;
};

}  // namespace

Result<std::vector<GrubCommand>> ParseGrubScript(std::string_view text) {
  return Script(text).Run();
}

}  // namespace assay::measure
