; Colours. Neovim and Zed use these names; ../../helix has the same rules in Helix's names.
; The language has no keywords: what a block or a setting means is data, so colours follow the form only.

(comment) @spell @comment

; What pikc fmt reads in a comment.
((comment) @keyword.directive
  (#any-of? @keyword.directive "# fmt: off" "# fmt: on"))

(setting value: [(word) (string)] @string)
(list [(word) (string)] @string)
(long_string) @string
(block kind: (word) @type)
(label name: (_) @label)
(range) @number
(setting key: (_) @property)

(boolean) @boolean
(number) @number
(quantity) @number
(version) @number
(date) @number
(address) @number
(path) @string.special.path
(url) @string.special.url
(secret) @constant.builtin
(constant) @constant

(escape_sequence) @string.escape
(interpolation ["${" "}"] @punctuation.special)
(interpolation (constant_name) @constant)

"=" @operator
"," @punctuation.delimiter
["{" "}" "[" "]"] @punctuation.bracket
