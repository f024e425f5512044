#include "policy/jmespath/lexer.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/limits.h"
#include "policy/jmespath/error.h"

namespace assay::jmespath {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Lexer {
 public:
  explicit Lexer(std::string_view query) : query_(query) {}

  Result<std::vector<Lexeme>> Run() {
    std::vector<Lexeme> out;
    while (SkipSpace(), at_ < query_.size()) {
      out.push_back(TRY(Next()));
    }
    out.emplace_back().offset = query_.size();
    return out;
  }

 private:
  void SkipSpace() {
    while (at_ < query_.size() && std::string_view(" \t\r\n").find(query_[at_]) != query_.npos) {
      ++at_;
    }
  }

  Result<Lexeme> Next() {
    const char c = query_[at_];
    if (IsNameStart(c)) return Name();
    if (IsDigit(c) || c == '-') return Number();
    if (c == '"') return Quoted();
    if (c == '`') return Literal();
    if (c == '\'') return Raw();
    return Symbol();
  }

  Lexeme Make(Token token, std::size_t length) {
    Lexeme out;
    out.token = token;
    out.offset = at_;
    at_ += length;
    return out;
  }

  Result<Lexeme> Name() {
    std::size_t end = at_;
    while (end < query_.size() && (IsNameStart(query_[end]) || IsDigit(query_[end]))) ++end;
    std::string text(query_.substr(at_, end - at_));
    Lexeme out = Make(Token::kName, text.size());
    out.text = std::move(text);
    return out;
  }

  Result<Lexeme> Number() {
    std::int64_t value = 0;
    const char* begin = query_.data() + at_;
    const auto [end, error] = std::from_chars(begin, query_.data() + query_.size(), value);
    if (error != std::errc()) return Refuse(Fault::kSyntax, at_, "no number that fits 64 bits");
    Lexeme out = Make(Token::kNumber, static_cast<std::size_t>(end - begin));
    out.number = value;
    return out;
  }

  // The offset just behind the closing `delimiter` of what opens at at_; npos if there is none.
  std::size_t FindClose(char delimiter) const {
    for (std::size_t i = at_ + 1; i < query_.size(); ++i) {
      if (query_[i] == '\\') {
        ++i;
      } else if (query_[i] == delimiter) {
        return i + 1;
      }
    }
    return std::string_view::npos;
  }

  // A quoted identifier is a JSON string.
  Result<Lexeme> Quoted() {
    const std::size_t end = FindClose('"');
    if (end == query_.npos) return Refuse(Fault::kSyntax, at_, "the quoted name is not closed");
    const auto value = json::Parse(query_.substr(at_, end - at_));
    const std::string* text = value ? value->AsString() : nullptr;
    if (text == nullptr) return Refuse(Fault::kSyntax, at_, "the quoted name is no JSON string");
    Lexeme out = Make(Token::kQuoted, end - at_);
    out.text = *text;
    return out;
  }

  // `JSON`; a backtick inside is written \`.
  Result<Lexeme> Literal() {
    const std::size_t end = FindClose('`');
    if (end == query_.npos) return Refuse(Fault::kSyntax, at_, "the literal is not closed by `");
    std::string text;
    for (std::size_t i = at_ + 1; i + 1 < end; ++i) {
      if (query_[i] == '\\' && query_[i + 1] == '`') continue;
      text.push_back(query_[i]);
    }
    auto value = json::Parse(text);
    if (!value) {
      return Refuse(
          Fault::kSyntax, at_,
          fmt::format("the literal between backticks is no JSON: {}", value.error().message));
    }
    Lexeme out = Make(Token::kLiteral, end - at_);
    out.literal = std::move(*value);
    return out;
  }

  // 'raw string': only \' is an escape; any other backslash stands for itself, also before another.
  Result<Lexeme> Raw() {
    std::string text;
    std::size_t i = at_ + 1;
    for (; i < query_.size() && query_[i] != '\''; ++i) {
      if (query_[i] == '\\' && i + 1 < query_.size()) {
        if (query_[i + 1] != '\'') text.push_back('\\');
        ++i;
      }
      text.push_back(query_[i]);
    }
    if (i >= query_.size()) return Refuse(Fault::kSyntax, at_, "the string is not closed by '");
    Lexeme out = Make(Token::kLiteral, i + 1 - at_);
    out.literal = json::Value(std::move(text));
    return out;
  }

  Result<Lexeme> Symbol() {
    static constexpr std::pair<std::string_view, Token> kSymbols[] = {
        {"[?", Token::kOpenFilter},
        {"[]", Token::kFlatten},
        {"||", Token::kOr},
        {"&&", Token::kAnd},
        {"==", Token::kEqual},
        {"!=", Token::kNotEqual},
        {"<=", Token::kLessEqual},
        {">=", Token::kGreaterEqual},
        {"<", Token::kLess},
        {">", Token::kGreater},
        {"[", Token::kOpenBracket},
        {"]", Token::kCloseBracket},
        {"{", Token::kOpenBrace},
        {"}", Token::kCloseBrace},
        {"(", Token::kOpenParenthesis},
        {")", Token::kCloseParenthesis},
        {".", Token::kDot},
        {"*", Token::kStar},
        {",", Token::kComma},
        {":", Token::kColon},
        {"@", Token::kAt},
        {"&", Token::kAmpersand},
        {"|", Token::kPipe},
        {"!", Token::kNot},
    };
    for (const auto& [text, token] : kSymbols) {
      if (query_.substr(at_, text.size()) == text) return Make(token, text.size());
    }
    return Refuse(Fault::kSyntax, at_, "this character begins no token");
  }

  std::string_view query_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<Lexeme>> Tokenize(std::string_view query) {
  if (query.size() > limits::kJmesPathBytes) {
    return Refuse(Fault::kLimit, 0,
                  fmt::format("the query has {} bytes, at most {} are read", query.size(),
                              limits::kJmesPathBytes));
  }
  return Lexer(query).Run();
}

}  // namespace assay::jmespath
