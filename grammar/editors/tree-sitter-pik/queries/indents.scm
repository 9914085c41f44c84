; Indentation, in the names of nvim-treesitter: what is inside braces or brackets is one step deeper, their end is not.
[
  (block)
  (list)
] @indent.begin

["}" "]"] @indent.branch @indent.end

(long_string) @indent.ignore
