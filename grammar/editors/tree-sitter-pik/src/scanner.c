// Where a bare word ends: at white space, `,`, `=`, a bracket, a brace or the end of the file. A quote, `#`, `;` or backslash that touches
// a bare word is an error in pik (`ssid = home#2` is neither a comment nor a value), and tree-sitter's regular expressions cannot look ahead.
#include "tree_sitter/parser.h"

enum TokenType { WORD_END, NEVER };

void *tree_sitter_pik_external_scanner_create(void) { return NULL; }
void tree_sitter_pik_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_pik_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}
void tree_sitter_pik_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

// NEVER is in no rule: if it is valid, tree-sitter is recovering from an error and would accept anything.
bool tree_sitter_pik_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols) {
  (void)payload;
  if (!valid_symbols[WORD_END] || valid_symbols[NEVER]) return false;
  switch (lexer->lookahead) {
    case '\t': case '\n': case '\r': case ' ': case ',': case '=': case '[': case ']': case '{': case '}':
      break;
    default:
      if (!lexer->eof(lexer)) return false;
  }
  lexer->mark_end(lexer);
  lexer->result_symbol = WORD_END;
  return true;
}
