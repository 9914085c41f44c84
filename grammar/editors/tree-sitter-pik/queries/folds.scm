; What can be folded.
[
  (block)
  (list)
  (long_string)
] @fold
