#include "policy/lexer.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/limits.h"
#include "base/utf8.h"

namespace assay::policy {
namespace {

constexpr std::pair<std::string_view, Token> kSymbols[] = {
    // The longer first: "=>" and "==" before "=".
    {"=>", Token::kArrow},          {"==", Token::kEqual},
    {"!=", Token::kNotEqual},       {"<=", Token::kLessEqual},
    {">=", Token::kGreaterEqual},   {"&&", Token::kAnd},
    {"=", Token::kAssign},          {"<", Token::kLess},
    {">", Token::kGreater},         {"!", Token::kNot},
    {"[", Token::kOpenBracket},     {"]", Token::kCloseBracket},
    {"{", Token::kOpenBrace},       {"}", Token::kCloseBrace},
    {"(", Token::kOpenParenthesis}, {")", Token::kCloseParenthesis},
    {",", Token::kComma},           {";", Token::kSemicolon},
    {":", Token::kColon},           {".", Token::kDot},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNamePart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || IsDigit(c);
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Lexeme>> Run() {
    TRY_VOID(CheckUtf8());
    std::vector<Lexeme> out;
    while (TRY(SkipToToken())) out.push_back(TRY(Next()));
    out.push_back(Make(Token::kEnd, 0));
    return out;
  }

 private:
  std::string_view Rest() const { return text_.substr(here_.offset); }

  void Advance(std::size_t bytes) {
    for (const char c : Rest().substr(0, bytes)) {
      ++here_.offset;
      if (c == '\n') {
        ++here_.line;
        here_.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        ++here_.column;
      }
    }
  }

  tl::unexpected<Error> Refuse(std::string_view what, std::string hint = {}) const {
    return PolicyError(text_, here_, what, std::move(hint));
  }

  // What a policy issues goes into JSON tokens, so its strings must be text.
  Result<void> CheckUtf8() const {
    for (std::size_t at = 0, size = 0; at < text_.size(); at += size) {
      size = CodePointSize(text_.substr(at));
      if (size > 0) continue;
      return Fail(ErrorCode::kMalformed, fmt::format("policy: no UTF-8 at byte {}", at),
                  "save the policy as UTF-8");
    }
    return {};
  }

  // Past white space and // comments; false at the end.
  Result<bool> SkipToToken() {
    while (!Rest().empty()) {
      if (Rest().starts_with("//")) {
        Advance(std::min(Rest().find('\n'), Rest().size()));
      } else if (Rest().starts_with("/*")) {
        return Refuse("a comment begins with //", "/* ... */ is not of the policy language");
      } else if (std::string_view(" \t\r\n").find(Rest().front()) != std::string_view::npos) {
        Advance(1);
      } else {
        return true;
      }
    }
    return false;
  }

  Lexeme Make(Token token, std::size_t size) {
    Lexeme out;
    out.token = token;
    out.place = here_;
    Advance(size);
    out.end = here_.offset;
    return out;
  }

  Result<Lexeme> Next() {
    const char c = Rest().front();
    if (c == '"') return String();
    if (IsDigit(c) || (c == '-' && Rest().size() > 1 && IsDigit(Rest()[1]))) return Integer();
    if (IsNamePart(c)) return Name();
    for (const auto& [text, token] : kSymbols) {
      if (Rest().starts_with(text)) return Make(token, text.size());
    }
    return StrayCharacter();
  }

  tl::unexpected<Error> StrayCharacter() const {
    for (const std::string_view quote :
         {"\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x98", "\xE2\x80\x99"}) {
      if (Rest().starts_with(quote)) {
        return Refuse("a typographic quotation mark", "a string stands between two plain \"");
      }
    }
    if (Rest().starts_with("\xEF\xBB\xBF")) {
      return Refuse("a byte order mark", "save the policy as UTF-8 without one");
    }
    return Refuse("this character begins no token");
  }

  Lexeme Name() {
    std::size_t size = 0;
    while (size < Rest().size() && IsNamePart(Rest()[size])) ++size;
    std::string text(Rest().substr(0, size));
    Lexeme out = Make(Token::kName, size);
    out.text = std::move(text);
    return out;
  }

  Result<Lexeme> Integer() {
    if (Rest().starts_with("0x") || Rest().starts_with("0X")) {
      return Refuse("an integer is written in decimal", "0xFFFFFF is 16777215");
    }
    std::int64_t value = 0;
    const char* const begin = Rest().data();
    const auto [end, error] = std::from_chars(begin, begin + Rest().size(), value);
    if (error != std::errc()) return Refuse("an integer must fit 64 bits");
    Lexeme out = Make(Token::kInteger, static_cast<std::size_t>(end - begin));
    out.number = value;
    return out;
  }

  // "..." with \" and \\ (claim-rule-functions.md); a string ends on its line.
  Result<Lexeme> String() {
    const std::string_view rest = Rest();
    std::string text;
    std::size_t i = 1;
    for (; i < rest.size() && rest[i] != '"' && rest[i] != '\n'; ++i) {
      if (rest[i] == '\\') {
        ++i;
        if (i >= rest.size() || (rest[i] != '"' && rest[i] != '\\')) {
          Advance(i - 1);
          return Refuse("an unknown escape in the string", "write \\\" for \" and \\\\ for \\");
        }
      }
      text.push_back(rest[i]);
    }
    if (i >= rest.size() || rest[i] != '"') {
      return Refuse("the string is not closed on its line");
    }
    Lexeme out = Make(Token::kString, i + 1);
    out.text = std::move(text);
    return out;
  }

  std::string_view text_;
  Place here_;
};

}  // namespace

std::string Describe(const Lexeme& lexeme) {
  switch (lexeme.token) {
    case Token::kEnd: return "the end of the policy";
    case Token::kName: return fmt::format("\"{}\"", lexeme.text.substr(0, 64));
    case Token::kString: return "a string";
    case Token::kInteger: return fmt::format("{}", lexeme.number);
    default: break;
  }
  for (const auto& [text, token] : kSymbols) {
    if (token == lexeme.token) return fmt::format("\"{}\"", text);
  }
  return "something else";
}

// Tokens never span lines, so the columns between are those of its characters.
Place Behind(std::string_view text, const Lexeme& lexeme) {
  Place place = lexeme.place;
  for (const char c : text.substr(place.offset, lexeme.end - place.offset)) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++place.column;
  }
  place.offset = lexeme.end;
  return place;
}

Result<std::vector<Lexeme>> Tokenize(std::string_view text) {
  if (text.size() > limits::kPolicyBytes) {
    return Fail(ErrorCode::kMalformed, fmt::format("policy: has {} bytes, at most {} are read",
                                                   text.size(), limits::kPolicyBytes));
  }
  return Lexer(text).Run();
}

}  // namespace assay::policy
