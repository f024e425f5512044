// Policy text to tokens (azure-docs, attestation/claim-rule-grammar.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/source.h"

namespace assay::policy {

enum class Token : std::uint8_t {
  kEnd,
  kName,
  kString,
  kInteger,
  kArrow,         // =>
  kAssign,        // =
  kEqual,         // ==
  kNotEqual,      // !=
  kLess,          // <
  kLessEqual,     // <=
  kGreater,       // >
  kGreaterEqual,  // >=
  kNot,           // !
  kAnd,           // &&
  kOpenBracket,
  kCloseBracket,
  kOpenBrace,
  kCloseBrace,
  kOpenParenthesis,
  kCloseParenthesis,
  kComma,
  kSemicolon,
  kColon,
  kDot,
};

struct Lexeme {
  Token token = Token::kEnd;
  Place place;
  std::size_t end = 0;      // the offset behind it
  std::string text;         // of names as written, of strings unescaped
  std::int64_t number = 0;  // of integers
};

// As a person would name it: "\"=>\"", "the name permit", "the end of the policy".
std::string Describe(const Lexeme& lexeme);

// The place right behind a lexeme of `text`.
Place Behind(std::string_view text, const Lexeme& lexeme);

// The last lexeme is always kEnd.
Result<std::vector<Lexeme>> Tokenize(std::string_view text);

}  // namespace assay::policy
