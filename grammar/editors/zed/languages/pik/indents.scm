; What is inside braces or brackets is one step deeper; their end is not.
(block "}" @end) @indent
(list "]" @end) @indent
