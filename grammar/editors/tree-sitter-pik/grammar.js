// The pik language for tree-sitter: the same grammar as ../../pik.pest, for editors.
//
// A text that pik.pest accepts parses here without an error node, and has the same blocks, settings, labels, lists and comments at the
// same bytes (../agreement compares them). A bare word is a bare word in the language; what it means is data. Here it is split by what
// it looks like, in the place of a value only, so that queries can colour it without regular expressions.

// What a bare word is made of. Beyond ASCII: everything except curly quotes, other kinds of space and invisible characters.
const OTHER =
  "\\u{80}-\\u{9F}\\u{A0}\\u{AD}\\u{61C}\\u{115F}\\u{1160}\\u{1680}\\u{180E}\\u{2000}-\\u{200F}\\u{2018}-\\u{201A}\\u{201C}-\\u{201E}" +
  "\\u{2028}-\\u{202F}\\u{205F}-\\u{2064}\\u{2066}-\\u{2069}\\u{3000}\\u{3164}\\u{FE00}-\\u{FE0F}\\u{FEFF}\\u{E0000}-\\u{E007F}";
const NOT_IN_WORDS = "\\u{0}-\\u{20}\\u{7F}#\"'`;\\\\,={}\\[\\]" + OTHER;
const CHAR = `[^${NOT_IN_WORDS}]`;
const NOT_SLASH = `[^/${NOT_IN_WORDS}]`;
const NOT_SLASH_OR_STAR = `[^/*${NOT_IN_WORDS}]`;
const NOT_DOLLAR = `[^$${NOT_IN_WORDS}]`;
const NOT_DOLLAR_OR_LETTER = `[^A-Za-z${NOT_IN_WORDS}]`;

const IPV4 = "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}";
const IPV6 = "[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*"; // and a MAC address
const ADDRESS = `(${IPV4}|${IPV6})(%[A-Za-z0-9._-]+)?(/[0-9]{1,3})?`;
const NUMBER = "[0-9]+(\\.[0-9]+)?";

const regex = (source) => new RegExp(source, "u");
const commaSeparated = (rule) => seq(rule, repeat(seq(",", rule)), optional(","));

module.exports = grammar({
  name: "pik",

  // A newline ends a setting, so it is not white space.
  extras: () => [/[ \t]/],

  // The end of a bare word, without a length: only if white space, a mark or the end of the file follows.
  externals: ($) => [$._word_end, $._never],

  supertypes: ($) => [$._value],

  inline: ($) => [$._item],

  rules: {
    file: ($) =>
      seq(repeat($._gap), optional(seq($._item, repeat(seq(repeat1($._gap), $._item)), optional(repeat1($._gap))))),

    _gap: ($) => choice($._newline, $.comment),
    _newline: () => /\r?\n/,
    comment: () => /#[^\r\n]*/,

    _item: ($) => choice($.setting, $.block),

    setting: ($) => seq(field("key", choice($._name_word, $._name_string)), "=", field("value", $._value)),

    block: ($) =>
      seq(field("kind", $._name_word), field("label", optional($.label)), "{", choice($._lines, optional(commaSeparated($._item))), "}"),
    // If the line ends after `{`, the block is made of lines; otherwise commas separate its items.
    _lines: ($) =>
      seq(repeat1($._gap), optional(seq($._item, repeat(seq(repeat1($._gap), $._item)), optional(repeat1($._gap))))),

    label: ($) => seq(field("name", choice($._label_word, $._name_string)), field("ranges", optional($.ranges))),
    ranges: ($) => seq(token.immediate("["), commaSeparated($.range), "]"),
    range: () => /[0-9]{1,18}(-[0-9]{1,18})?/,

    _value: ($) =>
      choice(
        $.boolean, $.secret, $.constant, $.address, $.date, $.number, $.quantity, $.version, $.url, $.path, $.word, $.string,
        $.long_string, $.list,
      ),

    list: ($) => seq("[", repeat($._gap), optional($._elements), "]"),
    _elements: ($) =>
      seq(
        $._value, repeat($._gap),
        repeat(seq(",", repeat($._gap), $._value, repeat($._gap))),
        optional(seq(",", repeat($._gap))),
      ),

    // Of two tokens of one length, the one that is named first wins.
    boolean: ($) => seq(choice("on", "off"), $._word_end),
    secret: ($) => seq(regex("secret:[A-Za-z0-9._-]+"), $._word_end),
    constant: ($) => seq("$", field("name", alias(token.immediate(regex(`[A-Za-z]${CHAR}*`)), $.constant_name)), $._word_end),
    address: ($) => seq(regex(`${ADDRESS}(\\.\\.${ADDRESS})?|${IPV4}:[0-9]{1,5}`), $._word_end),
    date: ($) => seq(regex("[0-9]{4}-[0-9]{2}-[0-9]{2}"), $._word_end),
    number: ($) => seq(regex("[-+]?[0-9]+%?|0x[0-9A-Fa-f]+"), $._word_end),
    quantity: ($) => seq(regex(`${NUMBER}([kKMGTPE]i?B?|B|m)|(${NUMBER}(ms|us|ns|[wdhms]))+`), $._word_end),
    version: ($) => seq(regex("v?[0-9]+(\\.[0-9]+)+([-+~:][A-Za-z0-9.+~-]+)?"), $._word_end),
    url: ($) => seq(regex(`[a-z][a-z0-9+.-]*://${CHAR}+`), $._word_end),
    path: ($) => seq(regex(`(/|\\./|\\.\\./|~/)${CHAR}*`), $._word_end),
    word: ($) => seq(regex(`${NOT_DOLLAR}${CHAR}*|\\$(${NOT_DOLLAR_OR_LETTER}${CHAR}*)?`), $._word_end),

    // A key or kind does not begin with `//` or `/*`: that would be meant as a comment.
    _name_word: ($) => alias($._name, $.word),
    _name: ($) => seq(regex(`${NOT_SLASH}${CHAR}*|/(${NOT_SLASH_OR_STAR}${CHAR}*)?`), $._word_end),
    _label_word: ($) => alias($._label, $.word),
    _label: ($) => seq(regex(`${CHAR}+`), $._word_end),

    string: ($) => seq('"', repeat(choice($._text, $._dollar, $.escape_sequence, $.interpolation)), token.immediate('"')),
    // Keys and labels: nothing is substituted in them.
    _name_string: ($) => alias($._plain_string, $.string),
    _plain_string: ($) => seq('"', repeat(choice($._text, $._dollar, $.escape_sequence)), token.immediate('"')),
    _text: () => token.immediate(/[^"\\$\r\n]+/),

    long_string: ($) =>
      seq('"""', repeat(choice($._long_text, $._dollar, $._quote, $.escape_sequence, $.interpolation)), token.immediate('"""')),
    _long_text: () => token.immediate(/[^"\\$]+/),
    _quote: () => token.immediate('"'),

    _dollar: () => token.immediate("$"),
    escape_sequence: () => token.immediate(/\\["\\nt]|\\u\{[0-9A-Fa-f]{1,6}\}|\$\$\{/),
    interpolation: ($) =>
      seq(token.immediate("${"), field("name", alias(token.immediate(/[A-Za-z][A-Za-z0-9_-]*/), $.constant_name)), token.immediate("}")),
  },
});
