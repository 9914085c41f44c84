; Colours in Helix's names. Releases of Helix differ in which of two rules for a node wins, so no two are for the same.

(setting value: [(word) (string)] @string)
(list [(word) (string)] @string)
(long_string) @string
(comment) @comment

(block kind: (word) @type)
(label name: (_) @label)
(range) @constant.numeric
(setting key: (_) @variable.other.member)

(boolean) @constant.builtin.boolean
[(number) (quantity) (version) (date) (address)] @constant.numeric
(path) @string.special.path
(url) @string.special.url
(secret) @variable.builtin
(constant) @constant

(escape_sequence) @constant.character.escape
(interpolation ["${" "}"] @punctuation.special)
(interpolation (constant_name) @constant)

"=" @operator
"," @punctuation.delimiter
["{" "}" "[" "]"] @punctuation.bracket
