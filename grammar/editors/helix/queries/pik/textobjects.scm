; Blocks are selected as classes, settings as entries.
(block) @class.around
(setting value: (_) @entry.inside) @entry.around
(comment) @comment.inside
(comment)+ @comment.around
