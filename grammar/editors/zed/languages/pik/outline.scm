; The outline: blocks by kind and label.
(block
  kind: (word) @context
  label: (label)? @name) @item
