; Names that a file defines and uses: constants and profiles. A name in another file is the language server's business.
(file) @local.scope

((block
  kind: (word) @_kind
  (setting key: (word) @local.definition.constant))
  (#eq? @_kind "let"))

((block
  kind: (word) @_kind
  label: (label name: (word) @local.definition.type))
  (#eq? @_kind "profile"))

(constant name: (constant_name) @local.reference)
(interpolation name: (constant_name) @local.reference)

((setting
  key: (word) @_key
  value: [(word) @local.reference (list (word) @local.reference)])
  (#eq? @_key "profile"))
